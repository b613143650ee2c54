class Base:
    registry = []

    @classmethod
    def create(cls):
        cls.registry.append(cls)
        return cls()


class Special(Base):
    @classmethod
    def create(cls):
        made = super().create()
        made.mark()
        return made

    def mark(self):
        self.marked = True


Special.create()
