class Query:
    def where(self, test=None):
        if test is not None:
            test(1)
        return self

    def done(self, callback):
        return callback(self)


def over_ten(n):
    return n > 10


def count(query):
    return 0


Query().where(test=over_ten).where().done(callback=count)
