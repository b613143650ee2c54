class Counter:
    def __init__(self):
        self.n = 0

    def add(self, n):
        self.n += n
        return self.n


def feed(values, into):
    for value in values:
        into(value)


c = Counter()
feed([1, 2], c.add)
feed((3,), into=c.add)
