def worker():
    job = yield
    while job is not None:
        job = yield job()


def first():
    return 1


def second():
    return 2


w = worker()
next(w)
w.send(first)
w.send(second)
