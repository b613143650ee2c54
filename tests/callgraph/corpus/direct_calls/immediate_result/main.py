def get():
    return run


def run():
    return 1


get()()
