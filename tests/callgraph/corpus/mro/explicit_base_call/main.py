class Shape:
    def __init__(self, name):
        self.name = name

    def draw(self):
        return self.name


class Circle(Shape):
    def __init__(self):
        Shape.__init__(self, "circle")

    def draw(self):
        return Shape.draw(self)


Circle().draw()
