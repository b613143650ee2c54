from dataclasses import dataclass, field


@dataclass
class Wheel:
    size: int = 10

    def turn(self):
        return self.size


@dataclass
class Bike:
    front: Wheel = field(default_factory=Wheel)
    back: Wheel = field(default_factory=lambda: Wheel(12))

    def ride(self):
        return self.front.turn() + self.back.turn()


Bike().ride()
Bike(Wheel(3)).front.turn()
