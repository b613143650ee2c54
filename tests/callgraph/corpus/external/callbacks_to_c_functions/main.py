import bisect
import functools


class Version:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return self.n < other.n


def weight(version):
    return version.n


versions = [Version(1), Version(3)]
bisect.insort(versions, Version(2))
bisect.bisect_left(versions, 2, key=weight)
functools.reduce(lambda a, b: a, versions)
