class Temp:
    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, new):
        self._value = check(new)

    @value.deleter
    def value(self):
        drop()


def check(n):
    return n


def drop():
    pass


t = Temp()
t.value = 3
t.value += 1
del t.value
