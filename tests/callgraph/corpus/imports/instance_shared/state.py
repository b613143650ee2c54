class App:
    def __init__(self):
        self.views = {}

    def view(self, function):
        self.views[function.__name__] = function
        return function

    def handle(self, name):
        return self.views[name]()


app = App()
