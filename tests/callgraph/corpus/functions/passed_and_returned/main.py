def compose(f, g):
    def composed(x):
        return g(f(x))

    return composed


def inc(x):
    return x + 1


def show(x):
    return str(x)


compose(inc, show)(3)
