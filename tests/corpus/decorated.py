import functools
from dataclasses import dataclass


@functools.lru_cache(maxsize=None)  #> functools: local import 1
@(lambda f: f)
def cached(a, b=(default := 1)):  #> default: local variable 7
    return a


@dataclass  #> dataclass: local import 2
class Data(metaclass=type, **{}):  #> type: builtin builtin -
    field: int = default  #> default: implicit_global variable 7

    async def run(self, *, key=field):  #> field: local attribute 13
        async with self as (one, two):
            return [await x async for x in one]  #> x: local variable 17; one: local variable 16
