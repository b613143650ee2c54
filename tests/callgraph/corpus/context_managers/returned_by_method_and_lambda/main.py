from contextlib import contextmanager, nullcontext


class Tracer:
    def __init__(self):
        self.depth = 0

    @contextmanager
    def span(self, name):
        self.enter(name)
        yield self
        self.leave()

    def enter(self, name):
        self.depth += 1

    def leave(self):
        self.depth -= 1


def work(tracer):
    with tracer.span("work") if tracer else nullcontext():
        return step()


def step():
    return 1


work(Tracer())
work(None)
