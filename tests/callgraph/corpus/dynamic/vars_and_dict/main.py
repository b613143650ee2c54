class Ops:
    @staticmethod
    def neg(n):
        return -n


class Bag:
    def __init__(self):
        self.__dict__["task"] = chore


def chore():
    return "sweep"


Bag().task()
vars(Ops)["neg"].__func__(3)
