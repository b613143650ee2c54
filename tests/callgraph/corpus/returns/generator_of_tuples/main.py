def table():
    yield "a", alpha
    yield "b", beta


def alpha():
    return 1


def beta():
    return 2


for name, function in table():
    function()
lookup = dict(table())
lookup["a"]()
