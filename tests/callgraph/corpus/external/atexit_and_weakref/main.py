import weakref


class Cache:
    def __init__(self):
        self.entries = weakref.WeakValueDictionary()

    def keep(self, key, value):
        self.entries[key] = value
        return value


class Value:
    def use(self):
        return 1


value = Cache().keep("k", Value())
value.use()
ref = weakref.ref(value)
ref().use()
