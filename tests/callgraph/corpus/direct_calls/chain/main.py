def one():
    two()


def two():
    three()


def three():
    return 3


one()
