class Base:
    def run(self):
        return self.step()

    def step(self):
        raise NotImplementedError


class Child(Base):
    def step(self):
        return 1


Child().run()
