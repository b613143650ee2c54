def tea():
    return "tea"


def milk():
    return "milk"


for pour in [tea, milk]:
    pour()
