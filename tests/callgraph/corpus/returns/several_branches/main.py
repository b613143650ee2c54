def slow():
    return "slow"


def fast():
    return "fast"


def strategy(n):
    if n > 100:
        return slow
    return fast


for n in (1, 1000):
    strategy(n)()
