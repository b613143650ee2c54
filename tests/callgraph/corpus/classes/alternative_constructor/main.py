class Date:
    def __init__(self, y, m):
        self.y, self.m = y, m

    @classmethod
    def parse(cls, text):
        y, m = text.split("-")
        return cls(int(y), int(m))


class Holiday(Date):
    def name(self):
        return "holiday"


Date.parse("2020-01")
Holiday.parse("2021-12").name()
