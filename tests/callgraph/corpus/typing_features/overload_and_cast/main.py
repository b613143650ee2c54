from typing import cast, overload


class Cat:
    def purr(self):
        return "purr"


@overload
def find(key: int) -> Cat: ...
@overload
def find(key: str) -> str: ...
def find(key):
    return Cat() if isinstance(key, int) else key


cat = find(1)
cat.purr()
cast(Cat, find(2)).purr()
find("x").upper()
