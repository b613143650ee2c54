from functools import singledispatchmethod


class Formatter:
    @singledispatchmethod
    def format(self, value):
        return "?"

    @format.register
    def _(self, value: int):
        return self.pad(value)

    def pad(self, value):
        return value


f = Formatter()
f.format("x")
f.format(3)
