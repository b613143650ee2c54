from typing import NamedTuple


class Point(NamedTuple):
    x: int
    y: int = 0

    def norm(self):
        return self.x * self.x + self.y

    @classmethod
    def origin(cls):
        return cls(0, 0)


Point(1).norm()
Point.origin().norm()
Point(3, 4)._replace(x=1).norm()
