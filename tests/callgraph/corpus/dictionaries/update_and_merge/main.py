def base():
    return 0


def extra():
    return 1


def late():
    return 2


handlers = {"base": base}
handlers.update({"extra": extra})
handlers.update(late=late)
merged = {**handlers, "again": base}
joined = handlers | {"x": extra}
for name in ("base", "extra", "late"):
    handlers[name]()
merged["again"]()
joined["x"]()
