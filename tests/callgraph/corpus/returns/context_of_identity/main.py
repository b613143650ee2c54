def pick(first, second):
    return first


def red():
    return "red"


def blue():
    return "blue"


pick(red, blue)()


def painter(colour):
    return colour


painter(blue)()
