def serve(host, handler):
    return handler(host)


def greet(host):
    return "hello from " + host


settings = {"host": "localhost", "handler": greet}
serve(**settings)
