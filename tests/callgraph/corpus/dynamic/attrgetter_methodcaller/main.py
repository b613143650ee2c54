import operator


class Lamp:
    def on(self):
        return True

    def dim(self, level):
        return level


lamp = Lamp()
operator.attrgetter("on")(lamp)()
operator.methodcaller("dim", 3)(lamp)
