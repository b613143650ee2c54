def act():
    return 1


def only_first():
    return act()
