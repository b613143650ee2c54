def source():
    yield open_it
    yield shut_it


def open_it():
    return 1


def shut_it():
    return 0


def consume(functions):
    return [f() for f in functions]


consume(source())
