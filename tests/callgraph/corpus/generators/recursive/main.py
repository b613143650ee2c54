class Node:
    def __init__(self, value, *children):
        self.value = value
        self.children = children

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    def show(self):
        return self.value


for node in Node(1, Node(2), Node(3)).walk():
    node.show()
