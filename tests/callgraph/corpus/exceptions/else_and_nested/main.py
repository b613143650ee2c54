def load(n):
    if n:
        raise OSError
    return parse


def parse():
    return 1


def default():
    return 0


def get(n):
    try:
        try:
            result = load(n)
        except KeyError:
            result = None
    except OSError:
        result = default
    else:
        result()
    return result()


get(0)
get(1)
