from abc import ABC, abstractmethod


class Shape(ABC):
    @abstractmethod
    def area(self):
        ...

    def report(self):
        return "area " + str(self.area())


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side**2


class Dot(Shape):
    def area(self):
        return 0


for shape in [Square(2), Dot()]:
    shape.report()
