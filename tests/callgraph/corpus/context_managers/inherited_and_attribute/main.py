class Base:
    def __enter__(self):
        self.begin()
        return self

    def __exit__(self, *exc):
        self.end()

    def begin(self):
        pass

    def end(self):
        pass


class Transaction(Base):
    def end(self):
        return "commit"


class Session:
    def __init__(self):
        self.tx = Transaction()

    def save(self):
        with self.tx as tx:
            return tx


Session().save()
