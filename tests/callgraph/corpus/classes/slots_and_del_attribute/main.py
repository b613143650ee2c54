class Point:
    __slots__ = ("x", "label")

    def __init__(self, x, label):
        self.x = x
        self.label = label

    def show(self):
        return self.label(self.x)


def plain(x):
    return str(x)


p = Point(1, plain)
p.show()
del p.x
