from collections import namedtuple


class Pair(namedtuple("Pair", ["left", "right"])):
    def swap(self):
        return Pair(self.right, self.left)

    def total(self):
        return self.left + self.right


Pair(1, 2).swap().total()
