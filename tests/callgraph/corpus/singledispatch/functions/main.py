from functools import singledispatch


@singledispatch
def show(value):
    return "thing"


@show.register
def _(value: int):
    return number(value)


@show.register(list)
def show_list(value):
    return [show(v) for v in value]


def number(n):
    return str(n)


show("x")
show([1])
