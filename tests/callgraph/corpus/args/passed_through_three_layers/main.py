def top(f):
    return middle(f, extra=1)


def middle(*args, **kwargs):
    return bottom(*args, **kwargs)


def bottom(f, extra=0):
    return f(extra)


def leaf(n):
    return n


top(leaf)
