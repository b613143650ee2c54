class Serializer:
    _types = {}

    @classmethod
    def register(cls, name):
        def add(sub):
            cls._types[name] = sub
            return sub

        return add

    @classmethod
    def create(cls, name):
        return cls._types[name]()


@Serializer.register("json")
class Json(Serializer):
    def dump(self):
        return "{}"


@Serializer.register("yaml")
class Yaml(Serializer):
    def __init__(self):
        self.indent = 2

    def dump(self):
        return "---"


for name in ("json", "yaml"):
    Serializer.create(name).dump()
