class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner):
        return getattr(instance, self.name)

    def __set__(self, instance, value):
        validate(value)
        setattr(instance, self.name, value)


def validate(value):
    assert value > 0


class Item:
    price = Positive()

    def __init__(self, price):
        self.price = price

    def total(self):
        return self.price * 2


Item(3).total()
