def standard(x):
    return x


def special(x):
    return -x


def compute(x, how=None):
    how = how or standard
    return how(x)


compute(1)
compute(2, special)
