def method_of(thing):
    return thing.act


class Knight:
    def act(self):
        return "ride"


class Rogue:
    def act(self):
        return "sneak"


method_of(Knight())()
act = method_of(Rogue())
act()
