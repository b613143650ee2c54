def save():
    return 1


def load():
    return 2


slots = [None, None]
slots[0] = save
slots[1] = load
assert slots[1]() == 2
assert slots[0]() == 1
