import names


def first():
    return 1


def second():
    return 2


table = {names.FIRST: first, names.SECOND: second}
table[names.SECOND]()
