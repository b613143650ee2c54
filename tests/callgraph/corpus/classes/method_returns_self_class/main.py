class Tree:
    def __init__(self, children=()):
        self.children = list(children)

    def count(self):
        return 1 + sum(child.count() for child in self.children)


class Leaf(Tree):
    def count(self):
        return 1


Tree([Tree(), Leaf()]).count()
