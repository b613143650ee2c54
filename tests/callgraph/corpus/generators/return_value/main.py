def produce():
    yield 1
    return finish


def finish():
    return "end"


def drive():
    last = yield from produce()
    last()


list(drive())
