def outer(step):
    middle(step)


def middle(step):
    inner(step)


def inner(step):
    step()


def hop():
    pass


outer(hop)
