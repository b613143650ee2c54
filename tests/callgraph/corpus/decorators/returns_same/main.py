registered = []


def register(function):
    registered.append(function)
    return function


@register
def task():
    return "done"


task()
for each in registered:
    each()
