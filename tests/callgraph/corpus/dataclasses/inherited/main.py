from dataclasses import dataclass


@dataclass
class Base:
    x: int

    def __post_init__(self):
        self.check()

    def check(self):
        return self.x > 0


@dataclass
class Child(Base):
    y: int = 0

    def check(self):
        return super().check() and self.y >= 0


Child(1, 2)
