class Service:
    def call(self):
        return "called"


def make():
    return Service()
