class Loud:
    def __init__(self, *args):
        super().__init__(*args)
        self.hook()

    def hook(self):
        return "loud"


class Plain:
    def __init__(self, name):
        self.name = name


class Both(Loud, Plain):
    def hook(self):
        return super().hook() + self.name


Both("x")
