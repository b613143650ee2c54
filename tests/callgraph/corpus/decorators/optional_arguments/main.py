def cached(function=None, *, size=10):
    def wrap(inner):
        def lookup(key):
            return inner(key), size

        return lookup

    return wrap if function is None else wrap(function)


@cached
def plain(key):
    return key


@cached(size=3)
def sized(key):
    return key * 2


plain(1)
sized(2)
