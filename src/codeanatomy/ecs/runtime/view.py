"""Views of a world as plain data: what it is, how its populations went, where entities stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.expression import parse
from codeanatomy.ecs.runtime.places import places_of
from codeanatomy.ecs.runtime.wire import to_wire
from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codeanatomy.ecs.receipt import Receipt
    from codeanatomy.ecs.runtime.shelf import WorldRow
    from codeanatomy.ecs.runtime.worlds import Held
    from codeanatomy.ecs.table import Table
    from codeanatomy.ecs.world import World

MOST_POINTS = 2000
"""Ticks that one history or chart may have."""


def row_data(row: WorldRow) -> dict[str, object]:
    """Give a world's row on the shelf as data."""
    return {
        "name": row.name, "id": row.world_id, "model": row.model, "created": row.created,
        "ancestor": row.ancestor, "ancestor_tick": row.ancestor_tick,
    }  # fmt: skip


def inspect(held: Held) -> dict[str, object]:
    """Say what a world is now."""
    world = held.world
    ticks = world.backend.ticks()
    return row_data(held.row) | {
        "tick": world.tick,
        "durable_tick": world.durable_tick,
        "first_tick": ticks[0] if len(ticks) else 0,
        "seed": world.seed,
        "population": world.population,
        "tables": [table_data(names, len(t)) for names, t in sorted(world.tables.items())],
        "components": [component.as_data() for component in world.components],
        "processors": list(world.schedule.names),
        "resources": {key: _told(value) for key, value in world.resources.items()},
        "replayable": world.replayable,
        "waiting": len(world.pending),
        "commands": held.ledger.counts(),
        "space": [place.component for place in places_of(world)][:1],
    }


def receipt_data(receipt: Receipt) -> dict[str, object]:
    """Give a receipt as data; timings in seconds."""
    return {
        "tick": receipt.tick,
        "durable": receipt.durable,
        "applied": receipt.applied,
        "spawned": receipt.spawned,
        "despawned": receipt.despawned,
        "errors": [row._asdict() for row in receipt.errors[:100]],
        "error_count": len(receipt.errors),
        "hook_failures": [failure._asdict() for failure in receipt.hook_failures],
        "timings": dict(receipt.timings),
    }


def history(world: World, points: int) -> dict[str, object]:
    """Count the rows of every table at ticks evenly spread over those that can be read."""
    ticks = _spread(world, points)
    counts = [{names: len(t) for names, t in tables_at(world, tick).items()} for tick in ticks]
    names = sorted({found for count in counts for found in count})
    return {
        "ticks": ticks,
        "series": [
            {**table_data(found, 0), "rows": [count.get(found, 0) for count in counts]}
            for found in names
        ],
        "population": [sum(count.values()) for count in counts],
    }


def chart(world: World, text: str, points: int) -> dict[str, object]:
    """Give the value of an aggregate at ticks evenly spread; null where no row has one."""
    expression = parse(text)
    if not expression.aggregate:
        raise SpecError(
            f"{text!r} has a value for each row; a chart wants one for each tick, as avg({text})",
            text=text,
        )
    for name in expression.columns - {"entity_id"}:
        world.components.column(name)
    needed = {name.partition("__")[0] for name in expression.columns - {"entity_id"}}
    ticks = _spread(world, points)
    values = []
    for tick in ticks:
        tables = [t for a, t in tables_at(world, tick).items() if needed <= set(a)]
        found = expression.value(_arrow(world, tables, expression.columns))
        values.append(to_wire(float(found) if isinstance(found, np.generic) else found))
    return {"expression": text, "ticks": ticks, "values": values}


def tables_at(world: World, tick: int) -> Mapping[tuple[str, ...], Table]:
    """Give the active rows of a tick, by table."""
    return world.tables if tick == world.tick else world.backend.read(tick)


def _spread(world: World, points: int) -> list[int]:
    """Choose at most so many of the ticks that can be read, always the first and the last."""
    ticks = world.backend.ticks()
    most = max(2, min(points, MOST_POINTS))
    if len(ticks) <= most:
        return list(ticks)
    places = np.unique(np.linspace(0, len(ticks) - 1, most).round().astype(int))
    return [ticks[int(place)] for place in places]


def _arrow(world: World, tables: list[Table], names: Iterable[str]) -> pa.Table:
    wanted = sorted(set(names) - {"entity_id"})
    declared = [world.components.column(name) for name in wanted]
    if not tables:
        fields = [("entity_id", pa.int64()), *((c.name, c.type) for c in declared)]
        return pa.schema(fields).empty_table()
    return pa.concat_tables([table.to_arrow(declared) for table in tables])


def table_data(names: tuple[str, ...], rows: int) -> dict[str, object]:
    """Name a table by its components, with its rows."""
    table = " + ".join(names) or "(no components)"
    return {"table": table, "components": list(names), "rows": rows}


def _told(value: object) -> object:
    """Give a resource as data; an array is told by its shape."""
    if isinstance(value, np.ndarray):
        return f"array {value.shape} of {value.dtype}" if value.size > 100 else value.tolist()  # noqa: PLR2004 - what fits a page
    if isinstance(value, pa.Array | pa.Table | pa.RecordBatch):
        return f"Arrow, {len(value)} rows"
    if hasattr(value, "items"):
        return {str(key): _told(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_told(inner) for inner in value[:100]]
    return to_wire(value)
