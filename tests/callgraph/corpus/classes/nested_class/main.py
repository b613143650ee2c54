class Outer:
    class Inner:
        def __init__(self, n):
            self.n = n

        def get(self):
            return self.n

    def make(self):
        return Outer.Inner(1)

    def other(self):
        return self.Inner(2)


o = Outer()
o.make().get()
o.other()
