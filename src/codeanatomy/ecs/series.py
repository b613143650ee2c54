"""A chosen expression of a world: its value at a tick, tick by tick, or in groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from codeanatomy.ecs.errors import InvalidQueryError
from codeanatomy.ecs.expression import Expression, parse
from codeanatomy.ecs.query import held, query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codeanatomy.ecs.query import Readable

MOST_POINTS = 1000
"""Ticks a series reads at most when none are named: evenly chosen, first and last included."""

_PLACE = frozenset({"entity_id", "tick", "is_active", "world_id", "run_id"})


def measure(
    world: Readable,
    expression: str | Expression,
    *,
    tick: int | None = None,
    of: Iterable[object] = (),
    where: object = None,
) -> object:
    """Give the value of an aggregate at a tick, over entities that have what it names and `of`.

    None where no row has a value. Raises `InvalidExpressionError`.
    """
    parsed = parse(expression) if isinstance(expression, str) else expression
    return parsed.value(_rows(world, parsed, tick, of, where))


def series(
    world: Readable,
    expression: str | Expression,
    *,
    ticks: Iterable[int] | None = None,
    of: Iterable[object] = (),
    where: object = None,
) -> pa.Table:
    """Give the value of an aggregate at every tick: columns `tick` and `value`."""
    numbers = chosen_ticks(world) if ticks is None else list(ticks)
    parts = tuple(of)
    values = [measure(world, expression, tick=tick, of=parts, where=where) for tick in numbers]
    return pa.table([pa.array(numbers, pa.int64()), pa.array(values)], names=["tick", "value"])


def grouped(
    world: Readable,
    expression: str | Expression,
    by: str,
    *,
    tick: int | None = None,
    of: Iterable[object] = (),
    where: object = None,
) -> pa.Table:
    """Give an expression at one tick by a column: columns `by` and `value`.

    An aggregate has one value for each value of the column, in their order; any other
    expression one for every entity.
    """
    parsed = parse(expression) if isinstance(expression, str) else expression
    other = parse(by)
    if other.aggregate:
        raise InvalidQueryError(f"`by` is {by!r}: name a column, or an expression of one", by=by)
    parts = (*of, *_components(other))
    rows = _rows(world, parsed, tick, parts, where, more=other)
    keys = other.per_row(rows)
    if not parsed.aggregate:
        return pa.table([keys, parsed.per_row(rows)], names=["by", "value"])
    found = sorted(value for value in set(keys.to_pylist()) if value is not None)
    values = [parsed.value(rows.filter(_equal(keys, key))) for key in found]
    return pa.table([pa.array(found, keys.type), pa.array(values)], names=["by", "value"])


def _equal(keys: pa.ChunkedArray, key: object) -> pa.ChunkedArray:
    from pyarrow import compute  # noqa: PLC0415 - only where rows are grouped

    return compute.equal(keys, pa.scalar(key, keys.type))


def chosen_ticks(world: Readable, most: int = MOST_POINTS) -> list[int]:
    """Give the ticks that can be read, or so many of them at even distances."""
    ticks = held(world)
    chosen = list(ticks)
    if len(ticks) > most:
        places = (round(at * (len(ticks) - 1) / (most - 1)) for at in range(most))
        chosen = sorted({ticks[place] for place in places})
    return chosen


def _components(expression: Expression) -> list[str]:
    names = expression.columns - _PLACE
    return sorted({name.partition("__")[0] for name in names})


def _rows(
    world: Readable,
    expression: Expression,
    tick: int | None,
    of: Iterable[object],
    where: object,
    more: Expression | None = None,
) -> pa.Table:
    """Give the rows an expression speaks of; a column nobody knows is named with the nearest."""
    for name in (expression.columns | (more.columns if more else frozenset())) - _PLACE:
        world.components.column(name)
    parts = (*_components(expression), *of)
    return query(world, parts, tick=tick, where=where)
