HANDLERS = {}


def handles(kind):
    def keep(function):
        HANDLERS[kind] = function
        return function

    return keep


@handles("add")
def on_add(event):
    return event


@handles("remove")
def on_remove(event):
    return None


def dispatch(kind, event):
    handler = HANDLERS.get(kind)
    if handler is None:
        return missing(kind)
    return handler(event)


def missing(kind):
    return kind


for kind in ("add", "remove", "rename"):
    dispatch(kind, 1)
