def f():
    return "f"


a = b = f
a()
c = b
c()


def g():
    return "g"


x = y = g
y()
