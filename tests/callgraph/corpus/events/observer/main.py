class Subject:
    def __init__(self):
        self._observers = set()

    def attach(self, observer):
        self._observers.add(observer)

    def change(self):
        for observer in self._observers:
            observer.update(self)


class Screen:
    def update(self, subject):
        return self.refresh()

    def refresh(self):
        return 1


class Log:
    def update(self, subject):
        return 2


s = Subject()
s.attach(Screen())
s.attach(Log())
s.change()
