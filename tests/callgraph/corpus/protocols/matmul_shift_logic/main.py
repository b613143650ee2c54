class Op:
    def __matmul__(self, other):
        return self

    def __rshift__(self, other):
        return self

    def __and__(self, other):
        return other

    def __invert__(self):
        return self

    def __truediv__(self, other):
        return self

    def __floordiv__(self, other):
        return self


a, b = Op(), Op()
(a @ b) >> (a & b)
~a / b // a
