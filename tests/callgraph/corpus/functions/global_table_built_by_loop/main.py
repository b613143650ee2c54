def f_one():
    return 1


def f_two():
    return 2


ALL = {}
for function in (f_one, f_two):
    ALL[function.__name__] = function


def run(name):
    return ALL[name]()


run("f_one")
run("f_two")
