def wait():
    return 0


def walk():
    return 1


plan = [wait] * 3
plan[1:2] = [walk]
for step in plan:
    step()
