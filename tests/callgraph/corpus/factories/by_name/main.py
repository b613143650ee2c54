class Lion:
    def roar(self):
        return "ROAR"


class Mouse:
    def __init__(self):
        self.size = 1

    def roar(self):
        return "eek"


def animal(name):
    if name == "lion":
        return Lion()
    elif name == "mouse":
        return Mouse()
    raise ValueError(name)


for name in ("lion", "mouse"):
    animal(name).roar()
