def a():
    return "a"


def b():
    return "b"


def tools():
    yield a
    yield b


for tool in tools():
    tool()
