from functools import partial


def scale(factor, value):
    return factor * value


double = partial(scale, 2)
triple = partial(scale, factor=3)
double(4)
triple(value=4)
