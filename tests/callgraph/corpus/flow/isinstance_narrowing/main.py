class Leaf:
    def value(self):
        return 1


class Branch:
    def __init__(self, *kids):
        self.kids = kids

    def value(self):
        return 0


def total(node):
    if not isinstance(node, Branch):
        return node.value()
    return node.value() + sum(total(k) for k in node.kids)


total(Branch(Leaf(), Leaf()))
