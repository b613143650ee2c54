def visible():
    return 1


def hidden():
    return 2


def caller():
    return visible()


# what text runs is not seen by reading the program
eval("hidden()")
exec("caller()")
