def start():
    return 0


def left():
    return 1


def right():
    return 2


def go(n):
    turn = start
    turn()
    if n:
        turn = left
    else:
        turn = right
    turn()


go(0)
go(1)
