class Spy:
    def __getattribute__(self, name):
        seen(name)
        return object.__getattribute__(self, name)

    def act(self):
        return 1


def seen(name):
    return name


Spy().act()
