from functools import cmp_to_key


def compare(a, b):
    return (a > b) - (a < b)


print(sorted([3, 1, 2], key=cmp_to_key(compare)))
