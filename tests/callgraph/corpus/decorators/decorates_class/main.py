def plugin(cls):
    plugins[cls.__name__] = cls
    return cls


plugins = {}


@plugin
class Reader:
    def read(self):
        return "text"


Reader().read()
plugins["Reader"]().read()
