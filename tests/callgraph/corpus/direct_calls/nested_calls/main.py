def inner(x):
    return x + 1


def outer(x):
    return x * 2


print(outer(inner(outer(1))))
