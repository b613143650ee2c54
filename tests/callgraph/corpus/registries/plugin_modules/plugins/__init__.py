_table = {}


def register(name, plugin):
    _table[name] = plugin


def get(name):
    return _table[name]()
