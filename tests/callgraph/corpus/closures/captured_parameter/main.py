def bind(action):
    def later():
        return action()

    return later


def hello():
    return "hello"


bind(hello)()
