class Record:
    def __setattr__(self, name, value):
        changed(name)
        object.__setattr__(self, name, value)

    def __delattr__(self, name):
        changed(name)
        super().__delattr__(name)


def changed(name):
    return name


r = Record()
r.size = 3
del r.size
