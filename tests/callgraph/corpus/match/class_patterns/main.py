class Circle:
    __match_args__ = ("radius",)

    def __init__(self, radius):
        self.radius = radius

    def spin(self):
        return 1


class Square:
    def __init__(self, side):
        self.side = side

    def stack(self):
        return 2


def area(shape):
    match shape:
        case Circle(radius=r):
            return shape.spin() + round_area(r)
        case Square(side=s) as square:
            return square.stack() + s
        case _:
            return unknown()


def round_area(r):
    return r * 3


def unknown():
    return 0


for shape in (Circle(1), Square(2), None):
    area(shape)
