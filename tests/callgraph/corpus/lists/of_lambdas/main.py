handlers = [lambda x: x + 1, lambda x: x * 2, len]


def run(x):
    return [h(x) for h in handlers[:2]]


run(1)
