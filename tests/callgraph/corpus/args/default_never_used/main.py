def fallback():
    return 0


def chosen():
    return 1


def pick(source=fallback):
    return source()


# every call passes an argument, so the default never runs
assert pick(chosen) == 1
