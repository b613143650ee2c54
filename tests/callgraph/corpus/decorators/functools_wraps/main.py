import functools


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        start()
        try:
            return function(*args, **kwargs)
        finally:
            stop()

    return wrapper


def start():
    pass


def stop():
    pass


@timed
def work(n, twice=False):
    return n * 2 if twice else n


work(3, twice=True)
work(4)
