def guard():
    while True:
        try:
            yield ready
        except KeyError:
            repair()


def ready():
    return True


def repair():
    return "fixed"


g = guard()
next(g)()
g.throw(KeyError)()
g.close()
