def choose():
    return picked


def picked():
    return 1


choose()()
