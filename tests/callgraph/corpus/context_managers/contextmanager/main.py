from contextlib import contextmanager


@contextmanager
def opened(name):
    handle = acquire(name)
    try:
        yield handle
    finally:
        release(handle)


def acquire(name):
    return Handle()


def release(handle):
    handle.close()


class Handle:
    def read(self):
        return "x"

    def close(self):
        pass


with opened("f") as h:
    h.read()
