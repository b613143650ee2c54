def work():
    return "worked"


def maybe(thing):
    if callable(thing):
        return thing()
    return thing


maybe(work)
maybe(5)
