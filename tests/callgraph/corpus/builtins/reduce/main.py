from functools import reduce


def add(total, item):
    return total + item


def total(items):
    return reduce(add, items, 0)


total([1, 2, 3])
