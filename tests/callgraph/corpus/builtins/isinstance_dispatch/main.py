class Circle:
    def area(self):
        return 3


class Square:
    def side(self):
        return 2


def measure(shape):
    if isinstance(shape, Circle):
        return shape.area()
    return shape.side()


for shape in (Circle(), Square()):
    measure(shape)
