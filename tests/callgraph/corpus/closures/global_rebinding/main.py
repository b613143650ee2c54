def first():
    return 1


def second():
    return 2


current = first


def switch():
    global current
    current = second


def run():
    return current()


run()
switch()
run()
