class Base:
    def run(self):
        self.prepare()
        return self.finish()

    def prepare(self):
        return 0
