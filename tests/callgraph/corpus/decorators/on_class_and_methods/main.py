def traced(f):
    def run(*args):
        return f(*args)

    return run


def final(cls):
    cls.final = True
    return cls


@final
class Calc:
    @traced
    def add(self, a):
        return a + self.one()

    @staticmethod
    @traced
    def two():
        return 2

    @classmethod
    def make(cls):
        return cls()

    def one(self):
        return 1


Calc.make().add(3)
Calc.two()
