class Base(Exception):
    def __init__(self, *args):
        super().__init__(*args)
        self.log()

    def log(self):
        return 1


class Sub(Base):
    def log(self):
        return super().log()


try:
    raise Sub("x")
except Base:
    pass
