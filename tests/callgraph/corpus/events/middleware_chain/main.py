def logging_layer(next_layer):
    def handle(request):
        return next_layer(request)

    return handle


def auth_layer(next_layer):
    def handle(request):
        return next_layer(request) if allowed(request) else None

    return handle


def allowed(request):
    return True


def endpoint(request):
    return request


app = logging_layer(auth_layer(endpoint))
app("r")
