def first():
    return second


def second():
    return third


def third():
    return None


state = first
while state is not None:
    state = state()
