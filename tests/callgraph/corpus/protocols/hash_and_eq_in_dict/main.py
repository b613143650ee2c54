class Key:
    def __init__(self, name):
        self.name = name

    def __hash__(self):
        return len(self.name)

    def __eq__(self, other):
        return self.name == other.name


prices = {Key("a"): 1}
prices[Key("a")]
Key("b") in {Key("b")}
