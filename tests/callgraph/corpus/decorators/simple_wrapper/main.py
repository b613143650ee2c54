def trace(function):
    def wrapper(*args):
        return function(*args)

    return wrapper


@trace
def add(a, b):
    return a + b


add(1, 2)
