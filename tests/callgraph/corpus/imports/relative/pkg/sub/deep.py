from ..core import work


def dive():
    return work()
