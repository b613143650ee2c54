class Money:
    def __init__(self, n):
        self.n = n

    def __format__(self, spec):
        return self.text()

    def text(self):
        return str(self.n)


m = Money(3)
f"{m:>10}"
"{}".format(m)
format(m, "x")
