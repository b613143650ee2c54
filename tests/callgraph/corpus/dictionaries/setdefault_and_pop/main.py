def first():
    return 1


def second():
    return 2


slots = {}
slots.setdefault("a", first)()
slots["b"] = second
taken = slots.pop("b")
taken()
