class North:
    def go(self):
        return "N"


class South:
    def go(self):
        return "S"


def direction(name):
    return {"n": North, "s": South}[name]


direction("n")().go()
direction("s")().go()
