def candidates():
    yield pick


def pick():
    return "picked"


def nobody():
    return "none"


gen = candidates()
next(gen, nobody)()
next(gen, nobody)()
