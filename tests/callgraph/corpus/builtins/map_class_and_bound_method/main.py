class Word:
    def __init__(self, text):
        self.text = text

    def size(self):
        return len(self.text)


class Counter:
    def __init__(self):
        self.n = 0

    def add(self, word):
        self.n += word.size()


counter = Counter()
for _ in map(counter.add, map(Word, ["a", "bc"])):
    pass
