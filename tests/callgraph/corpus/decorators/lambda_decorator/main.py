def identity(f):
    return f


@(lambda f: identity(f))
def plain():
    return 1


plain()
