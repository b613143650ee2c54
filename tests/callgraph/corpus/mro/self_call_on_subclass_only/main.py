class Handler:
    def handle(self, request):
        if self.accepts(request):
            return self.process(request)
        return None


class Text(Handler):
    def accepts(self, request):
        return request == "text"

    def process(self, request):
        return 1


class Image(Handler):
    def accepts(self, request):
        return True

    def process(self, request):
        return 2


for handler in [Text(), Image()]:
    handler.handle("text")
