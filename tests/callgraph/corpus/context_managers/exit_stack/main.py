from contextlib import ExitStack


class Res:
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def use(self):
        return 1


def goodbye():
    pass


with ExitStack() as stack:
    res = stack.enter_context(Res())
    res.use()
    stack.callback(goodbye)
