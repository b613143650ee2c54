class Query:
    def __init__(self):
        self.parts = []

    def select(self, what):
        return self._add(what)

    def where(self, test):
        return self._add(test)

    def _add(self, part):
        self.parts.append(part)
        return self

    def build(self):
        return Statement(self.parts)


class Statement:
    def __init__(self, parts):
        self.parts = parts

    def run(self):
        return self.parts


Query().select("a").where("b").build().run()
