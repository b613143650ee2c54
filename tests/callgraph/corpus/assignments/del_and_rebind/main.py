def old():
    return "old"


def new():
    return "new"


current = old
del current
current = new
current()
