def call(f):
    return f()


def north():
    return call(a)


def south():
    return call(b)


def a():
    return "a"


def b():
    return "b"


north()
south()
