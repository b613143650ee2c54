def left():
    pass


def right():
    pass


def centre():
    pass


l, (c, r) = left, (centre, right)
l()
c()
r()
