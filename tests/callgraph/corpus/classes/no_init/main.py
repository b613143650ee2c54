class Empty:
    pass


class Derived(Empty):
    def act(self):
        return None


Empty()
Derived().act()
