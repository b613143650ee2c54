from tools import work


def work_more():
    return work()


def work():
    return "mine"


work_more()
