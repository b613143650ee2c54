class Base:
    @property
    def kind(self):
        return "base"

    def show(self):
        return self.kind


class Sub(Base):
    @property
    def kind(self):
        return super().kind + "!"


Sub().show()
