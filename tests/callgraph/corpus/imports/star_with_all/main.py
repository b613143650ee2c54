from verbs import *


def run():
    return "mine"


run()
walk()
_creep()
