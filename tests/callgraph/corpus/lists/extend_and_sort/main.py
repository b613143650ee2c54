class Card:
    def __init__(self, rank):
        self.rank = rank

    def __lt__(self, other):
        return self.rank < other.rank

    def face(self):
        return self.rank


hand = []
hand.extend([Card(2), Card(1)])
hand.sort()
hand[0].face()
sorted(hand)[-1].face()
