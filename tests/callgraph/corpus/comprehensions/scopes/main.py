def f():
    return "outer f"


def g():
    return "g"


names = [f() for f in (g, g)]
f()
