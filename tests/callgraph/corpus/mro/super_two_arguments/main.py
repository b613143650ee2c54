class Base:
    def __init__(self, n):
        self.n = n


class Child(Base):
    def __init__(self, n):
        super(Child, self).__init__(n + 1)


Child(1)
