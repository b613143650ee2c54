def zero():
    return 0


def one():
    return 1


table = [zero, one]
table[1]()
