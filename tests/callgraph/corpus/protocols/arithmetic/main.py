class V:
    def __init__(self, x):
        self.x = x

    def __add__(self, o):
        return V(self.x + o.x)

    def __mul__(self, n):
        return V(self.x * n)

    def __rmul__(self, n):
        return self * n

    def __neg__(self):
        return V(-self.x)


v = V(1) + V(2)
w = 3 * v
-w
