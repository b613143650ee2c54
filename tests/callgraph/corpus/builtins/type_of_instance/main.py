class Node:
    def __init__(self, label):
        self.label = label

    def clone(self):
        return type(self)(self.label)


Node("a").clone()
