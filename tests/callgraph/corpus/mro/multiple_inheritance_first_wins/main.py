class Camera:
    def power(self):
        return "camera"

    def shoot(self):
        return self.power()


class Phone:
    def power(self):
        return "phone"

    def ring(self):
        return self.power()


class Smart(Phone, Camera):
    pass


Smart().shoot()
Smart().ring()
