class Meta(type):
    @property
    def table(cls):
        return cls.make_name()

    def make_name(cls):
        return cls.__name__.lower()


class Entity(metaclass=Meta):
    pass


print(Entity.table)
