def source():
    return target


def target():
    return None


def run(thing):
    thing()


run(source())
