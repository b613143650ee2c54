class Vector:
    def __init__(self, n):
        self.n = n

    def __abs__(self):
        return Vector(abs(self.n))

    def __add__(self, other):
        return Vector(self.n + other.n)

    def __reversed__(self):
        return iter([self.n])


v = abs(Vector(-2))
w = sum([v, v], Vector(0))
for item in reversed(w):
    print(item)
