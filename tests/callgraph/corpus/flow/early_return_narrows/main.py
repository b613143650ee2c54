class Empty:
    def fill(self):
        return Full()


class Full:
    def pour(self):
        return Empty()


def drink(glass):
    if isinstance(glass, Empty):
        glass = glass.fill()
    return glass.pour()


drink(Empty())
drink(Full())
