class Maths:
    @staticmethod
    def square(n):
        return n * n

    @classmethod
    def cube(cls, n):
        return n * cls.square(n)


def apply(f, n):
    return f(n)


apply(Maths.square, 2)
apply(Maths.cube, 2)
