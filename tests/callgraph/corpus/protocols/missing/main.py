class Defaults(dict):
    def __missing__(self, key):
        self[key] = make(key)
        return self[key]


def make(key):
    return [key]


d = Defaults()
d["x"].append(1)
