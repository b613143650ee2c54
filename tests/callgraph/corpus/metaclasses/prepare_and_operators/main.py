class Ordered(type):
    @classmethod
    def __prepare__(mcs, name, bases):
        return namespace()

    def __len__(cls):
        return 3

    def __iter__(cls):
        return iter(["a"])

    def __getitem__(cls, key):
        return key


def namespace():
    return {}


class Table(metaclass=Ordered):
    pass


len(Table)
for column in Table:
    Table[column]
