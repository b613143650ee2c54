def hammer():
    return "bang"


def saw():
    return "zzz"
