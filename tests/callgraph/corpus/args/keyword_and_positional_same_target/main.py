def draw(shape, colour):
    return shape(), colour()


def disc():
    return "o"


def red():
    return "r"


def blue():
    return "b"


draw(disc, colour=red)
draw(colour=blue, shape=disc)
