class Root:
    def __init__(self, **rest):
        assert not rest


class Named(Root):
    def __init__(self, name, **rest):
        super().__init__(**rest)
        self.name = name


class Sized(Root):
    def __init__(self, size, **rest):
        super().__init__(**rest)
        self.size = size


class Thing(Named, Sized):
    pass


Thing(name="x", size=3)
