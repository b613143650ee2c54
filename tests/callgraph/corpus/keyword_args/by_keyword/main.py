def order(first, second):
    first()
    second()


def a():
    pass


def b():
    pass


order(second=a, first=b)
