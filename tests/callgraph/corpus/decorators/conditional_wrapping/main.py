DEBUG = {"on": True}  # which of the two is wrapped depends on data


def debug(function):
    if not DEBUG["on"]:
        return function

    def noisy(*args):
        announce(function.__name__)
        return function(*args)

    return noisy


def announce(name):
    return name


@debug
def loud():
    return 1


DEBUG["on"] = False


@debug
def quiet():
    return 2


loud()
quiet()
