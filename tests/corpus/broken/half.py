class Half:
    def method(self, a
        return a

x = (1,
