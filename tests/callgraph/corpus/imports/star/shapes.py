def square():
    return _corner()


def circle():
    return 0


def _corner():
    return 4
