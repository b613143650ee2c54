class Outer:
    def __enter__(self):
        return Inner()

    def __exit__(self, *exc):
        pass


class Inner:
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def act(self):
        return 1


with Outer() as outer, outer as inner:
    inner.act()
