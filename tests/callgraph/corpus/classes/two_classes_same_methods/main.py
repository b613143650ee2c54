class Left:
    def act(self):
        return self.inner()

    def inner(self):
        return "left"


class Right:
    def act(self):
        return self.inner()

    def inner(self):
        return "right"


Left().act()
Right().act()
