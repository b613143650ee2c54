def convert(kind, text):
    return kind(text)


class Colour:
    def __init__(self, text):
        self.text = text


convert(int, "1")
convert(Colour, "red")
