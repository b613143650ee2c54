class Point:
    def __init__(self, x):
        self.x = x

    def __repr__(self):
        return "Point(%d)" % self.x

    def __str__(self):
        return "<" + repr(self.x) + ">"


p = Point(3)
str(p)
repr(p)
