"""A picture of a space: where the entities of a tick stand, by table, with a colour value each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.runtime.places import places_of
from codeanatomy.ecs.runtime.view import table_data, tables_at
from codeanatomy.ecs.runtime.wire import to_wire
from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.runtime.places import Place
    from codeanatomy.ecs.table import Table
    from codeanatomy.ecs.world import World

MOST_ENTITIES = 20_000
"""Entities that one picture shows; of more, every k-th."""


def picture(world: World, tick: int | None, colour: str) -> dict[str, object]:
    """Give the positions of entities, by table, with a colour value each where one is asked."""
    at = world.tick if tick is None else tick
    places = places_of(world)
    if not places:
        raise SpecError("no component of this world says where an entity is (x and y, or cell)")
    if colour:
        world.components.column(colour)
    standing = {
        names: (table, next(place for place in places if place.component in names))
        for names, table in sorted(tables_at(world, at).items())
        if any(place.component in names for place in places)
    }
    total = sum(len(table) for table, _ in standing.values())
    every = -(-total // MOST_ENTITIES) or 1
    width, height, assumed = _grid(world, standing, places)
    layers = [
        _layer(world, names, table, place, colour, every, width)
        for names, (table, place) in standing.items()
    ]
    return {
        "tick": at,
        "component": places[0].component,
        "grid": places[0].is_grid,
        "bounds": [0, 0, width - 1, height - 1] if width else None,
        "assumed": assumed,
        "entities": total,
        "shown_every": every,
        "layers": layers,
        "colours": _colours(world),
    }


def _grid(
    world: World, standing: Mapping[Archetype, tuple[Table, Place]], places: list[Place]
) -> tuple[int, int, str]:
    """Give width and height of the grid of cells, 0 where there is none, and what is assumed.

    The recorded resource `grid` says both; without it the cells are taken for a square, and the
    picture says so.
    """
    if all(place.sort != "cell" for place in places):
        return 0, 0, ""
    told = world.resources.get("grid")
    if isinstance(told, Mapping) and all(_is_size(told.get(key)) for key in ("width", "height")):
        return int(told["width"]), int(told["height"]), ""
    most = 0
    for tables in (standing, {n: (t, p) for p in places for n, t in world.tables.items()}):
        for table, place in tables.values():
            if place.sort == "cell" and place.component in table.archetype and len(table):
                most = max(most, int(np.asarray(table.columns[place.columns[0]]).max()))
    side = math.isqrt(most) + 1
    return side, side, (
        f"taken for a square of {side} x {side} cells; the resource `grid` "
        '({"width": ..., "height": ...}) would say'
    )  # fmt: skip


def _is_size(found: object) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and found > 0


def _layer(
    world: World,
    names: Archetype,
    table: Table,
    place: Place,
    colour: str,
    every: int,
    width: int,
) -> dict[str, object]:
    columns = [np.asarray(table.columns[name])[::every] for name in place.columns]
    if place.sort == "cell":
        y, x = np.divmod(columns[0], width)
    elif place.sort == "pair":
        x, y = columns[0][:, 0], columns[0][:, 1]
    else:
        x, y = columns
    layer: dict[str, object] = {
        **table_data(names, len(table)),
        "entity_id": table.entity_id[::every].tolist(),
        "x": _short(x),
        "y": _short(y),
    }
    if colour and colour in table.columns:
        values = world.components.column(colour).to_arrow(table.columns[colour])
        layer["colour"] = [to_wire(value) for value in values.to_pylist()[::every]]
    return layer


def _colours(world: World) -> list[str]:
    """Name the columns that a colour may stand for: enums, texts, numbers and bools."""
    return [
        column.name
        for component in world.components
        for column in component.columns
        if column.members is not None
        or (column.dtype is not None and column.width is None)
        or pa.types.is_string(column.type)
    ]


def _short(values: Any) -> list[float]:  # noqa: ANN401 - an array of numbers
    short = np.round(values, 4) if values.dtype.kind == "f" else values
    found: list[float] = short.tolist()
    return [value if value == value else 0.0 for value in found]  # noqa: PLR0124 - NaN has no place in JSON
