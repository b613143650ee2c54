def none():
    return 0


def some():
    return 1


OPTIONS = [none, some]


def choose(i):
    return OPTIONS[i]()


choose(0)
choose(1)
