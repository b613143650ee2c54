import ast


class Names(ast.NodeVisitor):
    def __init__(self):
        self.found = []

    def visit_Name(self, node):
        self.note(node.id)

    def note(self, name):
        self.found.append(name)


# the library finds `visit_Name` by the name of the node's class
names = Names()
names.visit(ast.parse("a + b"))
