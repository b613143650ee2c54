class Red:
    def __init__(self):
        self.name = "red"


class Blue:
    def __init__(self):
        self.name = "blue"


def make(cls):
    return cls()


make(Red)
make(Blue)
