def run():
    return helper()


def helper():
    return "b"
