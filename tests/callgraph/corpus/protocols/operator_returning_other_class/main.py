class Query:
    def __init__(self, field):
        self.field = field

    def __eq__(self, value):
        return Condition(self.field, value)

    def __gt__(self, value):
        return Condition(self.field, value)

    __hash__ = None


class Condition:
    def __init__(self, field, value):
        self.field, self.value = field, value

    def __and__(self, other):
        return self

    def sql(self):
        return self.field


age = Query("age")
((age > 3) & (age == 4)).sql()
