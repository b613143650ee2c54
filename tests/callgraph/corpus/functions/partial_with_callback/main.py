import functools


def call_with(function, argument, extra):
    return function(argument + extra)


def negate(n):
    return -n


run = functools.partial(call_with, negate, extra=1)
run(2)
functools.partial(run, 5)()
