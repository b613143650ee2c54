class Closable:
    def close(self):
        return "closed"


class Plain:
    pass


def shut(thing):
    if hasattr(thing, "close"):
        return thing.close()
    return ignore(thing)


def ignore(thing):
    return None


shut(Closable())
shut(Plain())
