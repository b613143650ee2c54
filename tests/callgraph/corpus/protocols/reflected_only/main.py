class Meters:
    def __init__(self, n):
        self.n = n

    def __radd__(self, other):
        return Meters(self.n + other)

    def __rsub__(self, other):
        return Meters(other - self.n)


5 + Meters(2)
9 - Meters(1)
