class Version:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return self.n == other.n

    def __lt__(self, other):
        return self.n < other.n

    def __ge__(self, other):
        return not self < other


a, b = Version(1), Version(2)
a == b
a != b
a < b
a >= b
a > b
