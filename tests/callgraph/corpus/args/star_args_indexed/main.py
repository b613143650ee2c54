def first_of(*handlers):
    return handlers[0]()


def front():
    return 1


def back():
    return 2


first_of(front, back)
