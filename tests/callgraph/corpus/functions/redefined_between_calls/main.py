def version():
    return 1


first = version


def version():
    return helper()


def helper():
    return 2


assert first() == 1
assert version() == 2
