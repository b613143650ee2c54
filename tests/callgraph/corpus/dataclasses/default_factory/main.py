from dataclasses import dataclass, field


def fresh():
    return [first]


def first():
    return 1


@dataclass
class Queue:
    jobs: list = field(default_factory=fresh)

    def run(self):
        return [job() for job in self.jobs]


Queue().run()
