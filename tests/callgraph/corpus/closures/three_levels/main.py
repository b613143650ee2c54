def a(f):
    def b(g):
        def c(x):
            return g(f(x))

        return c

    return b


def inc(x):
    return x + 1


def dbl(x):
    return x * 2


a(inc)(dbl)(3)
