class Base:
    def load(self):
        return []


class Cached(Base):
    def load(self):
        def fetch():
            return super(Cached, self).load()

        return fetch()


Cached().load()
