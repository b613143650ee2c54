class Path:
    def __init__(self, parts=()):
        self.parts = parts

    def __truediv__(self, name):
        return Path((*self.parts, name))

    def parent(self):
        return Path(self.parts[:-1])

    def text(self):
        return "/".join(self.parts)


(Path() / "usr" / "lib").parent().text()
