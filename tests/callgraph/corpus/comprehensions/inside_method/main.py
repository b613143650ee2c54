class Team:
    def __init__(self, people):
        self.people = people

    def names(self):
        return {p.key(): p.name() for p in self.people}


class Person:
    def key(self):
        return 1

    def name(self):
        return "x"


Team([Person()]).names()
