def combine(left, right):
    return left() + right()


def one():
    return 1


def two():
    return 2


pair = [one, two]
print(combine(*pair))
