"""The steps of every body of one file, as plain rows."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

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

Rows = list[tuple[Any, ...]]
_EXPRESSIONS = {**EXPRESSIONS, **MAKERS}
_STATEMENTS = {**STATEMENTS, **BRANCHES, **DEFINITIONS}
_DEPTH = 1_000_000  # Python frames that nested source may take; they live on the heap


class Made(NamedTuple):
    """What was made of one body; nothing if it is never reached."""

    steps: Rows
    slots: int
    reached: bool


def steps_of(source: Source) -> tuple[Rows, Rows]:
    """Return the rows of both tables as tuples, columns in the declared order, no file's number."""
    made = make(source)
    steps: Rows = []
    for body, found in enumerate(made):
        at = len(steps)
        steps += [(body, at + i, *step) for i, step in enumerate(found.steps)]
    return bodies_of(source, made), steps


def make(source: Source) -> list[Made]:
    """Make every body, the outermost first."""
    file = _file(source)
    with _deep():
        module = Frame(file, 0, 0, "module", None)
        block(module, source.tree.body)
        finish(module)
        for node, around in file.waiting:  # which grows meanwhile
            body_of(around, node)
    made = [Made([], 0, reached=False)] * len(file.bodies)
    for frame in file.frames:
        made[frame.body] = Made(frame.steps, frame.slots, reached=True)
    for part in (*file.frames, file):
        vars(part).clear()  # they name each other, and nothing collects cycles while files are read
    return made


def bodies_of(source: Source, made: list[Made]) -> Rows:
    """Return the rows of `value_bodies`, columns in the declared order."""
    definitions = source.walked.definitions
    bodies = {number: body for body, number in enumerate(definitions)}
    rows: Rows = []
    for body, found in zip(made, definitions.values(), strict=True):
        parent = None if found.parent is None else bodies[found.parent]
        method = found.kind == "function" and definitions[found.parent or 0].kind == "class"
        rows.append(
            (len(rows), found.node, parent, found.kind, found.name, parent if method else None,
             body.slots, found.is_async, found.is_generator, body.reached)
        )  # fmt: skip
    return rows


def _file(source: Source) -> File:
    walk = source.walked
    numbers = {id(item[0]): number for number, item in enumerate(walk.nodes)}
    file = File(Scopes(walk), numbers, _EXPRESSIONS, _STATEMENTS)
    file.bodies = {number: body for body, number in enumerate(walk.definitions)}
    for scope, (_, kind, _, _, number) in enumerate(walk.opened):
        if kind in BODIES or kind == "comprehension":
            file.opened[number] = scope
        elif kind == "type_parameters":
            file.generic[number] = scope
    return file


@contextmanager
def _deep() -> Iterator[None]:
    """Let calls nest as deep as the source does."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
