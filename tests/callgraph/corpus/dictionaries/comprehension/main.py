def inc(n):
    return n + 1


def dec(n):
    return n - 1


by_name = {f.__name__: f for f in (inc, dec)}
results = {name: by_name[name](1) for name in by_name}
