from plugins import register


class Csv:
    def convert(self):
        return "csv"


register("csv", Csv)
