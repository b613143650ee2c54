class Multiplier:
    def __init__(self, n):
        self.n = n

    def __call__(self, x):
        return x * self.n


double = Multiplier(2)
double(4)
list(map(double, [1, 2]))
