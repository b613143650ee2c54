from enum import Enum


class Planet(Enum):
    EARTH = (5.9, 6.3)
    MARS = (0.6, 3.4)

    def __init__(self, mass, radius):
        self.mass = mass
        self.radius = radius

    def gravity(self):
        return self.mass / self.square()

    def square(self):
        return self.radius**2


Planet.MARS.gravity()
