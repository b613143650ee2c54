from functools import cached_property


class Report:
    @cached_property
    def rows(self):
        return self.query()

    def query(self):
        return [1]

    def first(self):
        return self.rows[0]


Report().first()
