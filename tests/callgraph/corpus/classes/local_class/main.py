def build():
    class Local:
        def __init__(self):
            self.ready = self.check()

        def check(self):
            return True

    return Local()


thing = build()
thing.check()
