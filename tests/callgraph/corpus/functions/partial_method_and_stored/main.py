from functools import partial, partialmethod


class Cell:
    def set_state(self, state):
        self.state = state

    alive = partialmethod(set_state, True)


class Job:
    def __init__(self, name):
        self.later = partial(self.finish, name)

    def finish(self, name):
        return name


Cell().alive()
Job("x").later()
