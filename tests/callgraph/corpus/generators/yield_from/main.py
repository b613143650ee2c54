def inner():
    yield one
    yield two


def outer():
    yield from inner()
    yield three


def one():
    pass


def two():
    pass


def three():
    pass


for step in outer():
    step()
