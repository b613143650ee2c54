"""How values move: the steps of each body, a small program over slots that the resolver runs.

The tree is read once, statement by statement, in the order in which a program would run it. A step
names slots; a slot is one version of a variable, or one intermediate value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from codeanatomy.cpg.extract._values_made import bodies_of, make, steps_of

if TYPE_CHECKING:
    from codeanatomy.cpg.extract._source import Source

    Columns = dict[str, Any]

__all__ = ["VERSION", "extract", "steps_of"]

VERSION = 2
_BODY = ("body", "node", "parent", "kind", "name", "cls", "slots", "is_async", "is_generator",
         "reached")  # fmt: skip
_STEP = ("op", "dst", "src", "other", "name", "args", "names", "node")


def extract(source: Source) -> dict[str, Columns]:
    """Return the rows of `value_bodies` and `value_steps`; raises what `ast.parse` raises."""
    made = make(source)
    steps = [step for body in made for step in body.steps]
    columns = list(zip(*steps, strict=True)) if steps else [()] * len(_STEP)
    sizes = [len(body.steps) for body in made]
    return {
        "value_bodies": dict(zip(_BODY, zip(*bodies_of(source, made), strict=True), strict=True)),
        "value_steps": {
            "body": np.repeat(np.arange(len(made), dtype=np.int32), sizes),
            "step": np.arange(len(steps), dtype=np.int32),
            **dict(zip(_STEP, columns, strict=True)),
        },
    }
