def __getattr__(name):
    if name == "anything":
        return _made
    raise AttributeError(name)


def _made():
    return 1
