def comparable(cls):
    def same(self, other):
        return self.key() == other.key()

    cls.same = same
    return cls


@comparable
class Item:
    def __init__(self, n):
        self.n = n

    def key(self):
        return self.n


Item(1).same(Item(2))
