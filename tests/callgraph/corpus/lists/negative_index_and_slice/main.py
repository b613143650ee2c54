def a():
    return 1


def b():
    return 2


def c():
    return 3


steps = [a, b, c]
steps[-1]()
first, second = steps[:2]
second()
