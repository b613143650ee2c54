def a():
    return 1


def b():
    return 2


x = a
x()
x = b
x()


def later():
    y = b
    y = a
    return y()


later()
