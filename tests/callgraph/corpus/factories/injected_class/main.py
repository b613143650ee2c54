class Memory:
    def load(self):
        return 1


class Service:
    def __init__(self, store_class=Memory):
        self.store = store_class()

    def start(self):
        return self.store.load()


class Disk:
    def __init__(self):
        self.path = "/"

    def load(self):
        return 2


Service().start()
Service(Disk).start()
