class Lines:
    def __init__(self, text):
        self.text = text

    def __iter__(self):
        return iter(self.split())

    def split(self):
        return self.text.split("\n")


def count(lines):
    return sum(1 for _ in lines)


count(Lines("a\nb"))
