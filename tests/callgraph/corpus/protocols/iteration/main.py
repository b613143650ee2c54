class Steps:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return StepsIterator(self.n)


class StepsIterator:
    def __init__(self, n):
        self.n = n

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n

    def __iter__(self):
        return self


for step in Steps(2):
    pass
first, second = Steps(2)
[s for s in Steps(1)]
