class Plain:
    pass


def grow(self):
    return "grown"


Plain.grow = grow
Plain().grow()
