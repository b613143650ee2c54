def shout(text):
    return text.upper()


speak = lambda text: shout(text)


def use(f):
    return f("x")


use(speak)
use(lambda t: shout(t) + "!")
