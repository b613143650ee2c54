def north():
    return "N"


def south():
    return "S"


globals()["north"]()
table = globals()
table["south"]()
