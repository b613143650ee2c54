class Door:
    def open(self):
        return "open"

    def shut(self):
        return "shut"


door = Door()
getattr(door, "open")()
method = getattr(door, "shut", None)
method()
