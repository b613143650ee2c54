class Clock:
    def __init__(self):
        self.source = self.system
        self.format = default_format

    def system(self):
        return 12

    def show(self):
        return self.format(self.source())


def default_format(hour):
    return str(hour)


Clock().show()
