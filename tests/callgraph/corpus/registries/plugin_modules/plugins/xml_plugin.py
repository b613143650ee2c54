from . import register


class Xml:
    def __init__(self):
        self.root = None

    def convert(self):
        return "xml"


register("xml", Xml)
