def command(name):
    def add(f):
        command.known[name] = f
        return f

    return add


command.known = {}


@command("up")
def go_up():
    return 1


@command("down")
def go_down():
    return -1


def dispatch(name):
    return command.known[name]()


dispatch("up")
dispatch("down")
