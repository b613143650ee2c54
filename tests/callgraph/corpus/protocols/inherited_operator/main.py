class Base:
    def __add__(self, other):
        return self.merge(other)


class Text(Base):
    def merge(self, other):
        return "text"


class Num(Base):
    def merge(self, other):
        return 1


Text() + Text()
Num() + Num()
