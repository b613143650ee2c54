def instead(_function):
    return substitute


def substitute():
    return "other"


@instead
def original():
    return "never"


original()
