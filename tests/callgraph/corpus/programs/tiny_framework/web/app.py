from .http import NotFound


class App:
    def __init__(self):
        self.routes = {}
        self.layers = []

    def get(self, path):
        def add(view):
            self.routes[path] = view
            return view

        return add

    def use(self, layer):
        self.layers.append(layer)

    def __call__(self, path):
        def dispatch(request):
            view = self.routes.get(request)
            return view(request) if view else NotFound()

        call = dispatch
        for layer in self.layers:
            return layer(path, call)
        return None
