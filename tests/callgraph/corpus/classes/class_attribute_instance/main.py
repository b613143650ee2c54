class Clock:
    def now(self):
        return 0


class Service:
    clock = Clock()

    def stamp(self):
        return self.clock.now()


class Test(Service):
    class Frozen(Clock):
        def now(self):
            return 1

    clock = Frozen()


Service().stamp()
Test().stamp()
