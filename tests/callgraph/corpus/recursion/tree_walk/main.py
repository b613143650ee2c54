class Folder:
    def __init__(self, *children):
        self.children = children

    def size(self):
        return sum(c.size() for c in self.children)


class File:
    def __init__(self, n):
        self.n = n

    def size(self):
        return self.n


Folder(File(1), Folder(File(2))).size()
