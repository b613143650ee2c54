class Base:
    @staticmethod
    def label():
        return "base"

    def show(self):
        return self.label()


class Sub(Base):
    @staticmethod
    def label():
        return Base.label() + "sub"


Sub().show()
Base.label()
