import itertools


def one():
    return 1


def two():
    return 2


def add(a, b):
    return a + b


for f in itertools.chain([one], [two]):
    f()
list(itertools.starmap(add, [(1, 2)]))
list(itertools.takewhile(lambda n: add(n, 1) < 3, [1, 2]))
