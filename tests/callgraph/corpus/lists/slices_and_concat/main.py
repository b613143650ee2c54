def a():
    return 1


def b():
    return 2


def c():
    return 3


steps = [a, b] + [c]
for step in steps[1:]:
    step()
for step in [a] * 2:
    step()
