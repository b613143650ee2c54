class Broken(Exception):
    def __init__(self, part):
        super().__init__(part)
        self.part = part

    def advice(self):
        return "replace " + self.part


def use(part):
    raise Broken(part)


try:
    use("wheel")
except Broken as error:
    error.advice()
