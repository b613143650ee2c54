def go(where):
    return where


def take(items):
    return items


def shrug():
    return None


def act(command):
    match command.split():
        case ["go", where]:
            return go(where)
        case ["take", *items] if ready():
            return take(items)
        case _:
            return shrug()


def ready():
    return True


for line in ("go north", "take a b", "sleep"):
    act(line)
