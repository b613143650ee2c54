class Parser:
    def __init__(self, function):
        self.function = function

    def parse(self, text):
        return self.function(text)

    def __rshift__(self, other):
        def both(text):
            first, rest = self.parse(text)
            second, rest = other.parse(rest)
            return first + second, rest

        return Parser(both)

    def __or__(self, other):
        return Parser(lambda text: self.parse(text) if text[:1].isdigit() else other.parse(text))


def letter(text):
    return text[0], text[1:]


def digit(text):
    return text[0], text[1:]


word = Parser(digit) | Parser(letter)
(word >> word).parse("a1")
