class Engine:
    def __init__(self):
        self.temperature = 0
        self.start()

    def start(self):
        self._spark()

    def _spark(self):
        self.temperature += 1


Engine()
