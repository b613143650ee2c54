def act():
    return "global"


def caller():
    act = other
    return act()


def other():
    return "local"


caller()
act()
