"""How values move: the steps of each body, a small program over slots that the resolver runs.

The tree is read once, statement by statement, in the order in which a program would run it. A step
names slots; a slot is one version of a variable, or one intermediate value.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from codeanatomy.cpg.extract._values_branches import BRANCHES
from codeanatomy.cpg.extract._values_definitions import DEFINITIONS, MAKERS, body_of
from codeanatomy.cpg.extract._values_expressions import EXPRESSIONS
from codeanatomy.cpg.extract._values_flow import block, finish
from codeanatomy.cpg.extract._values_frame import File, Frame
from codeanatomy.cpg.extract._values_scopes import BODIES, Scopes
from codeanatomy.cpg.extract._values_statements import STATEMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.cpg.extract._source import Source
    from codeanatomy.cpg.extract._walk import Walk

    Columns = dict[str, Any]
    Rows = list[tuple[Any, ...]]

VERSION = 1
_EXPRESSIONS = {**EXPRESSIONS, **MAKERS}
_STATEMENTS = {**STATEMENTS, **BRANCHES, **DEFINITIONS}
_BODY = ("body", "node", "parent", "kind", "name", "cls", "slots", "is_async", "is_generator",
         "reached")  # fmt: skip
_STEP = ("op", "dst", "src", "other", "name", "args", "names", "node")
_DEPTH = 1_000_000  # Python frames that nested source may take; they live on the heap


def extract(source: Source) -> dict[str, Columns]:
    """Return the rows of `value_bodies` and `value_steps`; raises what `ast.parse` raises."""
    frames, walk = _frames(source)
    bodies = list(zip(*_bodies(frames, walk), strict=True))
    found = [frame.steps if frame else [] for frame in frames]
    steps = [step for listed in found for step in listed]
    columns = list(zip(*steps, strict=True)) if steps else [()] * len(_STEP)
    sizes = [len(listed) for listed in found]
    return {
        "value_bodies": dict(zip(_BODY, bodies, strict=True)),
        "value_steps": {
            "body": np.repeat(np.arange(len(found), dtype=np.int32), sizes),
            "step": np.arange(len(steps), dtype=np.int32),
            **dict(zip(_STEP, columns, strict=True)),
        },
    }


def steps_of(source: Source) -> tuple[Rows, Rows]:
    """Return the rows of both tables as tuples, columns in the declared order, no file's number."""
    frames, walk = _frames(source)
    steps: Rows = []
    for body, frame in enumerate(frames):
        if frame is not None:
            at = len(steps)
            steps += [(body, at + i, *step) for i, step in enumerate(frame.steps)]
    return _bodies(frames, walk), steps


def _frames(source: Source) -> tuple[list[Frame | None], Walk]:
    """Make every body, the outermost first: one that is never reached is None."""
    tree, walk = source.tree, source.walked
    numbers = {id(item[0]): number for number, item in enumerate(walk.nodes)}
    file = File(Scopes(walk), numbers, _EXPRESSIONS, _STATEMENTS)
    file.bodies = {number: body for body, number in enumerate(walk.definitions)}
    for scope, (_, kind, _, _, number) in enumerate(walk.opened):
        if kind in BODIES or kind == "comprehension":
            file.opened[number] = scope
        elif kind == "type_parameters":
            file.generic[number] = scope
    frames: list[Frame | None] = [None] * len(file.bodies)
    with _deep():
        module = frames[0] = Frame(file, 0, 0, "module", None)
        block(module, tree.body)
        finish(module)
        for node, around in file.waiting:  # which grows meanwhile
            made = body_of(around, node)
            frames[made.body] = made
    for made in file.classes:
        frames[made.body] = made
    return frames, walk


def _bodies(frames: list[Frame | None], walk: Walk) -> Rows:
    bodies = {number: body for body, number in enumerate(walk.definitions)}
    rows: Rows = []
    for frame, found in zip(frames, walk.definitions.values(), strict=True):
        parent = None if found.parent is None else bodies[found.parent]
        inside = found.parent is not None and walk.definitions[found.parent].kind == "class"
        rows.append(
            (len(rows), found.node, parent, found.kind, found.name,
             parent if inside and found.kind == "function" else None,
             frame.slots if frame else 0, found.is_async, found.is_generator, frame is not None)
        )  # fmt: skip
    return rows


@contextmanager
def _deep() -> Iterator[None]:
    """Let calls nest as deep as the source does."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
