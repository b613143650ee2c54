class Temp:
    zero = 273

    @staticmethod
    def to_kelvin(c):
        return c + Temp.zero

    @classmethod
    def freezing(cls):
        return cls.to_kelvin(0)


Temp.to_kelvin(20)
Temp.freezing()
Temp().freezing()
