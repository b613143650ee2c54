class Vault:
    def open(self):
        return self.__unlock()

    def __unlock(self):
        return True


class Fake(Vault):
    def __unlock(self):
        return False

    def trick(self):
        return self.__unlock()


f = Fake()
f.open()
f.trick()
