from dataclasses import dataclass
from typing import Callable


def double(n):
    return n * 2


@dataclass(frozen=True)
class Step:
    name: str
    run: Callable[[int], int]


steps = [Step("d", double), Step("n", run=lambda n: -n)]
for step in steps:
    step.run(4)
