class Name(str):
    def initials(self):
        return self.upper()[0]


class Cents(int):
    def __add__(self, other):
        return Cents(int(self) + int(other))

    def euros(self):
        return self / 100


Name("ann").initials()
(Cents(3) + 4).euros()
