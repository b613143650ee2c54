def gather(*functions):
    return tuple(functions)


def a():
    return 1


def b():
    return 2


x, y = gather(*[a], *(b,))
x()
y()
