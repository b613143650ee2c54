def parse(text):
    return Number(text) if text.isdigit() else None


class Number:
    def __init__(self, text):
        self.text = text

    def value(self):
        return int(self.text)


values = [n.value() for t in ["1", "x"] if (n := parse(t))]
