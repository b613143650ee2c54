def a():
    return "a"


def b():
    return "b"


x = a
x = b
x()
