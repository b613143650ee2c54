def a():
    def step():
        return "a"

    return step()


def b():
    def step():
        return "b"

    return step()


def step():
    return "global"


a()
b()
step()
