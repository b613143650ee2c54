def pair():
    yield left
    yield right


def left():
    return 1


def right():
    return 2


l, r = pair()
l()
[*both] = pair()
both[1]()
