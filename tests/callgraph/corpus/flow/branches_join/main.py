def up():
    return 1


def down():
    return -1


def level():
    return 0


def move(n):
    step = level
    if n > 0:
        step = up
    elif n < 0:
        step = down
    return step()


for n in (-1, 0, 1):
    move(n)
