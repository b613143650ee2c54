"""Occupancy: who is in which cell, kept up to date while entities act one after the other.

Doubly linked lists in four arrays; `enter`, `leave`, `move` and `inside` run inside compiled
turns as they do in plain Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from codeanatomy.ecs.errors import InvalidSpaceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.ecs.arrays import Ids, Numbers


class Occupancy(NamedTuple):
    """The cell of each row (-1: nowhere), the first row of each cell, and the links between."""

    cell: Ids
    first: Ids
    after: Ids
    before: Ids


def occupy(cell: Numbers, cells: int, room: int = 0) -> Occupancy:
    """Put rows into `cells` numbered cells (-1: nowhere yet), with `room` for rows to come.

    Rows of one cell follow each other in ascending order.
    """
    given = np.asarray(cell, dtype=np.int64)
    if given.ndim != 1 or (len(given) and not (given.min() >= -1 and given.max() < cells)):
        raise InvalidSpaceError(f"every row is in a cell from 0 to {cells - 1}, or in none: -1")
    places = np.concatenate([given, np.full(room, -1, np.int64)])
    order = np.argsort(places, kind="stable")
    order = order[np.searchsorted(places[order], 0) :]
    first, after, before = (np.full(size, -1, np.int64) for size in (cells, *[len(places)] * 2))
    same = places[order[1:]] == places[order[:-1]]
    after[order[:-1][same]] = order[1:][same]
    before[order[1:][same]] = order[:-1][same]
    begins = order[np.concatenate([[True], ~same])] if len(order) else order
    first[places[begins]] = begins
    return Occupancy(places, first, after, before)


def inside(held: Occupancy, cell: int) -> Iterator[int]:
    """Give the rows in a cell, the last that entered first; do not move them meanwhile."""
    row = held.first[cell]
    while row >= 0:
        yield row
        row = held.after[row]


def leave(held: Occupancy, row: int) -> None:
    """Take a row out of its cell."""
    cell = held.cell[row]
    if cell < 0:
        return
    left, right = held.before[row], held.after[row]
    if left >= 0:
        held.after[left] = right
    else:
        held.first[cell] = right
    if right >= 0:
        held.before[right] = left
    held.cell[row] = held.before[row] = held.after[row] = -1


def enter(held: Occupancy, row: int, cell: int) -> None:
    """Put a row that is nowhere into a cell."""
    first = held.first[cell]
    held.cell[row] = cell
    held.after[row] = first
    if first >= 0:
        held.before[first] = row
    held.first[cell] = row


def move(held: Occupancy, row: int, cell: int) -> None:
    """Take a row out of its cell and put it into another."""
    if held.cell[row] != cell:
        leave(held, row)
        enter(held, row, cell)
