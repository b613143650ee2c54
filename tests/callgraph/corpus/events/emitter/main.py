class Emitter:
    def __init__(self):
        self.handlers = {}

    def on(self, name, handler):
        self.handlers.setdefault(name, []).append(handler)

    def emit(self, name, *args):
        for handler in self.handlers.get(name, []):
            handler(*args)


def saved(item):
    return item


class Audit:
    def record(self, item):
        return item


bus = Emitter()
bus.on("save", saved)
bus.on("save", Audit().record)
bus.emit("save", 1)
