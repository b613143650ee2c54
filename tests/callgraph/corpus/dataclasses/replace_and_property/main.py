from dataclasses import dataclass, replace


@dataclass
class Point:
    x: int
    y: int

    @property
    def norm(self):
        return self.x + self.y

    def moved(self):
        return replace(self, x=self.x + 1)


p = Point(1, 2).moved()
p.norm
p.moved().norm
