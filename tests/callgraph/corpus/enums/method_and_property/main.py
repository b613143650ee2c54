from enum import Enum


class Colour(Enum):
    RED = 1
    BLUE = 2

    def describe(self):
        return self.label + "!"

    @property
    def label(self):
        return self.name.lower()

    @classmethod
    def favourite(cls):
        return cls.BLUE


Colour.RED.describe()
Colour.favourite().describe()
Colour(2).describe()
Colour["RED"].describe()
for colour in Colour:
    colour.describe()
