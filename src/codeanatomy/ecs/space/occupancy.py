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


_RADIX = 1 << 16


class Occupancy(NamedTuple):
    """The cell of each row (-1: nowhere), the first row of each cell, and the links between."""

    cell: Ids
    first: Ids
    after: Ids
    before: Ids
    near: Ids  # (cells, k): the neighbours of each cell, -1 beyond an edge
    scratch: Ids


def occupy(cell: Numbers, near: Ids) -> Occupancy:
    """Put rows into cells (-1: nowhere yet) with the neighbours of each cell, (cells, k).

    Moves are written into `cell` where that is a writable int64 array, so a column that is
    given follows them. Rows of one cell follow each other in ascending order.
    """
    places = np.require(cell, np.int64, ["C", "W"])
    cells = len(near)
    if places.ndim != 1 or (len(places) and not (places.min() >= -1 and places.max() < cells)):
        raise InvalidSpaceError(f"every row is in a cell from 0 to {cells - 1}, or in none: -1")
    small = cells + 1 < _RADIX  # numpy sorts 16 bits by radix, in a tenth of the time
    order = np.argsort((places + 1).astype(np.uint16) if small else places, kind="stable")
    there = places[order]
    if len(there) and there[0] < 0:
        order = order[np.searchsorted(there, 0) :]
        there = places[order]
    first = np.full(cells, -1, np.int64)
    after, before = np.full((2, len(places)), -1, np.int64)
    same = there[1:] == there[:-1]
    after[order[:-1][same]] = order[1:][same]
    before[order[1:][same]] = order[:-1][same]
    first[there[::-1]] = order[::-1]  # of several, the last that is written stays: the first row
    return Occupancy(places, first, after, before, near, np.empty(len(places), np.int64))


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


def around(held: Occupancy, row: int) -> Ids:
    """Give the rows in the neighbouring cells; the array is used again by the next call."""
    near, first, after, scratch = held.near, held.first, held.after, held.scratch
    count, cell = 0, held.cell[row]
    for place in range(near.shape[1]):
        beside = near[cell, place]
        other = first[beside] if beside >= 0 else -1
        while other >= 0:
            scratch[count] = other
            count += 1
            other = after[other]
    return scratch[:count]


def wander(held: Occupancy, row: int, chance: np.random.Generator) -> int:
    """Move a row to a random neighbouring cell, if there is one; gives the cell it is in then."""
    near, cell = held.near, held.cell[row]
    sides = 0
    for place in range(near.shape[1]):
        sides += near[cell, place] >= 0
    if not sides:
        return int(cell)
    to = -1
    while to < 0:
        to = near[cell, chance.integers(0, near.shape[1])]
    move(held, row, to)
    return int(to)


def random_empty(held: Occupancy, chance: np.random.Generator) -> int:
    """Give a random cell nobody is in; raises where there is none."""
    cells = len(held.first)
    for _ in range(64):
        cell = chance.integers(0, cells)
        if held.first[cell] < 0:
            return int(cell)
    empty = np.flatnonzero(held.first < 0)
    if not len(empty):
        raise InvalidSpaceError("every cell is occupied")
    return int(empty[chance.integers(0, len(empty))])
