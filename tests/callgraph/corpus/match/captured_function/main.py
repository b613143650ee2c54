def one():
    return 1


def two():
    return 2


def run(message):
    match message:
        case {"call": f}:
            return f()
        case (f, _):
            return f()


run({"call": one})
run((two, 0))
