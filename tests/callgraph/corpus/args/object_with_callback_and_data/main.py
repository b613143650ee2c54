class Request:
    def __init__(self, path, respond):
        self.path = path
        self.respond = respond


def handle(request):
    return request.respond(request.path)


def echo(path):
    return path


handle(Request("/", echo))
