class Parser:
    def number(self, text):
        return int(text)

    def word(self, text):
        return text

    table = {"n": number, "w": word}

    def parse(self, kind, text):
        return self.table[kind](self, text)


p = Parser()
p.parse("n", "4")
p.parse("w", "four")
