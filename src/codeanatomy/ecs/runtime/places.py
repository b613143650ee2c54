"""Which columns say where an entity is: x and y, a pair of numbers, or the cell of a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.ecs.components import Component
    from codeanatomy.ecs.world import World

Sort: TypeAlias = Literal["x and y", "pair", "cell"]
_PAIRS = (("x", "y"), ("column", "row"), ("col", "row"))


class Place(NamedTuple):
    """A component that says where its entities are, and the columns that do."""

    component: str
    columns: tuple[str, ...]
    sort: Sort
    is_grid: bool


def places_of(world: World) -> list[Place]:
    """List the components that say where entities are, the plainest first.

    Two fields x and y (or column and row), a field of two or three numbers, or a whole number
    called `cell`: of a grid whose rows follow each other.
    """
    found = [place for component in world.components for place in _places(component)]
    order: tuple[Sort, ...] = ("x and y", "pair", "cell")
    return sorted(found, key=lambda place: order.index(place.sort))


def _places(component: Component) -> Iterator[Place]:
    fields = {
        column.field_name.lower(): column
        for column in component.columns
        if column.dtype is not None and column.dtype.kind in "iuf"
    }
    for pair in _PAIRS:
        if set(pair) <= fields.keys() and all(fields[name].width is None for name in pair):
            both = [fields[name] for name in pair]
            is_grid = all(pa.types.is_integer(column.type) for column in both)
            yield Place(component.name, tuple(c.name for c in both), "x and y", is_grid)
            return
    for name, column in fields.items():
        whole = column.dtype is not None and column.dtype.kind in "iu"
        if column.width in (2, 3):
            yield Place(component.name, (column.name,), "pair", whole)
            return
        if name == "cell" and column.width is None and whole:
            yield Place(component.name, (column.name,), "cell", is_grid=True)
            return
