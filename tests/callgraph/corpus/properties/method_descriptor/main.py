class Bound:
    def __init__(self, function):
        self.function = function

    def __get__(self, instance, owner):
        return lambda *args: self.function(instance, *args)


class Thing:
    @Bound
    def act(self, n):
        return n


Thing().act(1)
