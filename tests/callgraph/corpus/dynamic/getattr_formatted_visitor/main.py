class Walker:
    def visit(self, node):
        method = getattr(self, f"visit_{node}", self.generic)
        return method(node)

    def visit_name(self, node):
        return node

    def visit_number(self, node):
        return 1

    def generic(self, node):
        return None


w = Walker()
for node in ("name", "number", "other"):
    w.visit(node)
