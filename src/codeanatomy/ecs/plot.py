"""Plotting a world: expressions over ticks, or at one tick over a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from codeanatomy.ecs.chart.chart import Chart
from codeanatomy.ecs.chart.figure import Line
from codeanatomy.ecs.errors import InvalidQueryError
from codeanatomy.ecs.expression import parse
from codeanatomy.ecs.series import grouped, series

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codeanatomy.ecs.query import Readable


def plot(
    world: Readable,
    *expressions: str,
    by: str = "tick",
    ticks: Iterable[int] | None = None,
    tick: int | None = None,
    of: Iterable[object] = (),
    where: object = None,
    title: str | None = None,
) -> Chart:
    """Chart aggregates over the ticks of a world, or over a column at one tick.

    `by="tick"` draws lines over `ticks` (up to 1,000 of all, when none are given). Any other
    `by` is a column at `tick`, or the last one: an aggregate gets a bar or a point for each of
    its values, a plain expression a point for every entity. `of` names components the entities
    must have, for `count(*)`.
    """
    if not expressions:
        raise InvalidQueryError("nothing to plot: give an expression, as avg(energy__value)")
    parts = tuple(of)
    name = title or f"{', '.join(expressions)} by {by}"
    if by == "tick":
        numbers = None if ticks is None else tuple(ticks)
        found = [series(world, e, ticks=numbers, of=parts, where=where) for e in expressions]
        lines = [
            Line(e, _numbers(t.column("tick"), e), _values(t.column("value"), e))
            for e, t in zip(expressions, found, strict=True)
        ]
        return Chart(name, "tick", "line", tuple(lines))
    tables = [grouped(world, e, by, tick=tick, of=parts, where=where) for e in expressions]
    return _by_column(name, by, expressions, tables)


def _by_column(name: str, by: str, expressions: Sequence[str], tables: Sequence[pa.Table]) -> Chart:
    kind = tables[0].column("by").type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        joined = all(parse(each).aggregate for each in expressions)
        lines = [
            Line(e, _numbers(t.column("by"), e), _values(t.column("value"), e))
            for e, t in zip(expressions, tables, strict=True)
        ]
        return Chart(name, by, "line" if joined else "points", tuple(lines))
    if not all(parse(each).aggregate for each in expressions):
        raise InvalidQueryError(
            f"{by} holds no numbers: over it, plot an aggregate, as avg({expressions[0]})", by=by
        )
    labels = sorted({str(value) for table in tables for value in table.column("by").to_pylist()})
    lines = [_bars(e, t, labels) for e, t in zip(expressions, tables, strict=True)]
    return Chart(name, by, "bars", tuple(lines), tuple(labels))


def _bars(expression: str, table: pa.Table, labels: Sequence[str]) -> Line:
    values = _values(table.column("value"), expression)
    found = dict(zip(map(str, table.column("by").to_pylist()), values, strict=True))
    places = tuple(float(place) for place in range(len(labels)))
    return Line(expression, places, tuple(found.get(label) for label in labels))


def _numbers(column: pa.ChunkedArray, expression: str) -> tuple[float, ...]:
    nothing = float("nan")
    return tuple(nothing if v is None else v for v in _values(column, expression))


def _values(column: pa.ChunkedArray, expression: str) -> tuple[float | None, ...]:
    t = pa.types
    if not (t.is_integer(column.type) or t.is_floating(column.type) or t.is_boolean(column.type)):
        if t.is_null(column.type):
            return (None,) * len(column)
        raise InvalidQueryError(
            f"{expression} gives {column.type}, and a chart draws numbers", expression=expression
        )
    return tuple(None if value is None else float(value) for value in column.to_pylist())
