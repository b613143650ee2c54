class Num:
    def __init__(self, n):
        self.n = n

    def accept(self, visitor):
        return visitor.visit_num(self)


class Add:
    def __init__(self, left, right):
        self.left, self.right = left, right

    def accept(self, visitor):
        return visitor.visit_add(self)


class Evaluate:
    def visit_num(self, node):
        return node.n

    def visit_add(self, node):
        return node.left.accept(self) + node.right.accept(self)


Add(Num(1), Add(Num(2), Num(3))).accept(Evaluate())
