"""A measure: one value of a world as it stands, from an expression or a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

from codeanatomy.ecs.expression import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.ecs.core import Core

Measure: TypeAlias = "str | Callable[[Any], object]"


def measured(world: Core, measures: Mapping[str, Measure]) -> dict[str, object]:
    """Give the value of every measure: text like `avg(energy__value)`, or a function of the world.

    An expression looks at the entities that have all the components it names. Raises
    `UnknownColumnError`, `UnknownComponentError` or `InvalidExpressionError`.
    """
    return {name: measure_of(world, measure) for name, measure in measures.items()}


def measure_of(world: Core, measure: Measure) -> object:
    """Give the value of one measure."""
    if callable(measure):
        return measure(world)
    expression = parse(measure)
    return expression.value(rows_with(world, expression.columns))


def rows_with(world: Core, names: frozenset[str]) -> pa.Table:
    """Give these columns of all entities that have them, as Arrow; all ids where none is named."""
    columns = [world.components.column(name) for name in sorted(names - {"entity_id"})]
    needed = {column.component for column in columns}
    schema = pa.schema(
        [("entity_id", pa.int64()), *((column.name, column.type) for column in columns)]
    )
    parts = [
        table.to_arrow(columns).cast(schema)
        for found, table in sorted(world.tables.items())
        if needed <= set(found)
    ]
    return pa.concat_tables(parts) if parts else schema.empty_table()


def default_measures() -> dict[str, Measure]:
    """Give what is measured when nothing is asked for: the number of the living."""
    return {"population": lambda world: world.population}
