def head():
    return 0


def tail_one():
    return 1


def tail_two():
    return 2


first, *others = (head, tail_one, tail_two)
first()
for other in others:
    other()
*_, last = [head, tail_one, tail_two]
last()
