def logging_layer(next_layer):
    def handle(request):
        return next_layer(request)

    return handle


def auth_layer(next_layer):
    def handle(request):
        if not allowed(request):
            return None
        return next_layer(request)

    return handle


def allowed(request):
    return True


def endpoint(request):
    return request


app = endpoint
for layer in (auth_layer, logging_layer):
    app = layer(app)
app("r")
