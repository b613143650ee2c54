class Quiet:
    def __enter__(self):
        return None

    def __exit__(self, kind, value, trace):
        return self.allowed(kind)

    def allowed(self, kind):
        return kind is ValueError


def explode():
    raise ValueError


def after():
    return 1


with Quiet():
    explode()
after()
