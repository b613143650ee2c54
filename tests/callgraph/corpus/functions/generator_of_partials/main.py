from functools import partial


def power(base, exponent):
    return base**exponent


makers = [partial(power, exponent=n) for n in (2, 3)]
for make in makers:
    make(2)
