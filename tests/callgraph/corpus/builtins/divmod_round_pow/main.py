class Money:
    def __init__(self, cents):
        self.cents = cents

    def __round__(self, digits=0):
        return Money(0)

    def __divmod__(self, n):
        return divmod(self.cents, n)

    def __pow__(self, n, mod=None):
        return Money(self.cents**n)


m = Money(5)
round(m)
divmod(m, 2)
pow(m, 2)
m**3
