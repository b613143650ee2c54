class Piston:
    def fire(self):
        return "bang"


class Engine:
    def __init__(self):
        self.pistons = [Piston(), Piston()]

    def first(self):
        return self.pistons[0]


class Car:
    def __init__(self):
        self.engine = Engine()


car = Car()
car.engine.first().fire()
for piston in car.engine.pistons:
    piston.fire()
