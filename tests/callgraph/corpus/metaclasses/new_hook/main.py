class Meta(type):
    def __new__(mcs, name, bases, namespace):
        cls = super().__new__(mcs, name, bases, namespace)
        note(name)
        return cls


def note(name):
    return name


class Model(metaclass=Meta):
    def save(self):
        return 1


class User(Model):
    pass


User().save()
