class Leaf:
    pass


class Pair:
    def __init__(self, a, b):
        self.a, self.b = a, b


class Printer:
    def visit(self, node):
        name = "visit_" + type(node).__name__.lower()
        return getattr(self, name)(node)

    def visit_leaf(self, node):
        return "."

    def visit_pair(self, node):
        return self.visit(node.a) + self.visit(node.b)


Printer().visit(Pair(Leaf(), Pair(Leaf(), Leaf())))
