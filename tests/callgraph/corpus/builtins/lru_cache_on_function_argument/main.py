from functools import cache


def slow(n):
    return n * n


fast = cache(slow)
fast(3)
fast(3)
