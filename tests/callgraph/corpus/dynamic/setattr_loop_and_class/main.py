class Api:
    pass


def get():
    return "get"


def post():
    return "post"


for function in (get, post):
    setattr(Api, function.__name__, staticmethod(function))
Api.get()
Api.post()
