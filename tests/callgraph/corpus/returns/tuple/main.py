def tools():
    return cut, glue


def cut():
    return 1


def glue():
    return 2


c, g = tools()
c()
tools()[1]()
