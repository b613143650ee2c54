class Score:
    def __init__(self, n):
        self.n = n

    def __gt__(self, other):
        return self.n > other.n

    def show(self):
        return self.n


best = max(Score(1), Score(2))
best.show()
