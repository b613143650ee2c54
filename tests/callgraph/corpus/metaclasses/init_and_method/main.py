class Registry(type):
    known = []

    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        cls.register()

    def register(cls):
        Registry.known.append(cls)


class Base(metaclass=Registry):
    pass


Base.register()
