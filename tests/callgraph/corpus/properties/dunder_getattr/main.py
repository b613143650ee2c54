class Proxy:
    def __init__(self, target):
        self._target = target

    def __getattr__(self, name):
        return getattr(self._target, name)


class Engine:
    def start(self):
        return "brum"


Proxy(Engine()).start()
