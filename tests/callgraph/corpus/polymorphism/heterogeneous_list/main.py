class Text:
    def draw(self):
        return "t"


class Image:
    def draw(self):
        return self.load()

    def load(self):
        return "i"


class Group:
    def __init__(self):
        self.parts = []

    def add(self, part):
        self.parts.append(part)
        return self

    def draw(self):
        return [part.draw() for part in self.parts]


inner = Group().add(Image())
Group().add(Text()).add(inner).draw()
