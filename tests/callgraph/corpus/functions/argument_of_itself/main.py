def apply_twice(f, x):
    return f(f(x))


def inc(n):
    return n + 1


apply_twice(inc, apply_twice(inc, 0))
