def build(base, *, left=None, right=None):
    if left:
        left(base)
    return right(base)


def cut(x):
    return x


def glue(x):
    return x


build(1, right=glue, left=cut)
build(2, right=cut)
