def run():
    return load()


def load():
    return 1
