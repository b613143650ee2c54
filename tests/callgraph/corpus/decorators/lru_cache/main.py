import functools


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


class Store:
    @functools.cache
    def load(self, key):
        return self.fetch(key)

    def fetch(self, key):
        return key


fib(5)
Store().load("a")
