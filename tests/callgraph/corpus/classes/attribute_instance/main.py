class Wheel:
    def spin(self):
        return 1


class Cart:
    def __init__(self):
        self.wheel = Wheel()

    def roll(self):
        return self.wheel.spin()


cart = Cart()
cart.roll()
cart.wheel.spin()
