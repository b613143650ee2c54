class Car:
    def drive(self):
        return "brum"


def garage():
    return Car()


def rent():
    return garage()


rent().drive()
