class Suite:
    def setup(self):
        return 0

    def check(self):
        return 1

    def untouched(self):
        return 2


suite = Suite()
for name in ("setup", "check"):
    getattr(suite, name)()
