class Single(type):
    instances = {}

    def __call__(cls, *args):
        if cls not in cls.instances:
            cls.instances[cls] = super().__call__(*args)
        return cls.instances[cls]


class Settings(metaclass=Single):
    def __init__(self, path):
        self.path = path

    def load(self):
        return self.path


Settings("a").load()
Settings("b").load()
