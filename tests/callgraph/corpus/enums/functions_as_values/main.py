import enum


def plus(a, b):
    return a + b


class Op(enum.Enum):
    PLUS = enum.member(plus)

    def __call__(self, a, b):
        return self.value(a, b)


Op.PLUS(1, 2)
