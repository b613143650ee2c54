class Bus:
    listeners = []

    @classmethod
    def listen(cls, f):
        cls.listeners.append(f)

    @classmethod
    def fire(cls):
        for listener in cls.listeners:
            listener()


def ear():
    return "heard"


Bus.listen(ear)
Bus.fire()
