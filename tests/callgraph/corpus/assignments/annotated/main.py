from typing import Callable


def half(n: int) -> float:
    return n / 2


operation: Callable[[int], float] = half
print(operation(3))
