class Base:
    def __init__(self):
        self.action = self.default

    def default(self):
        return 0

    def go(self):
        return self.action()


class Child(Base):
    def __init__(self):
        super().__init__()
        self.action = self.special

    def special(self):
        return 1


Base().go()
Child().go()
