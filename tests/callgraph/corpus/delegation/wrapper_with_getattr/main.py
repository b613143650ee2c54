class Real:
    def save(self):
        return "saved"

    def load(self):
        return "loaded"


class Traced:
    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        trace(name)
        return getattr(self.inner, name)

    def save(self):
        return self.inner.save()


def trace(name):
    return name


t = Traced(Real())
t.save()
t.load()
