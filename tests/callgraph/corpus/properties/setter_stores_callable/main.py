class Filter:
    def __init__(self):
        self._test = bool

    @property
    def test(self):
        return self._test

    @test.setter
    def test(self, function):
        self._test = function

    def apply(self, items):
        return [i for i in items if self.test(i)]


def big(n):
    return n > 5


f = Filter()
f.test = big
f.apply([1, 9])
