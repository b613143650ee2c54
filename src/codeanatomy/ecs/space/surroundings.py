"""Surroundings: who is near whom in a flat space while entities move one after the other.

`near` and `moved` run inside compiled turns as they do in plain Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from codeanatomy.ecs.errors import InvalidSpaceError
from codeanatomy.ecs.space.grid import Grid
from codeanatomy.ecs.space.occupancy import Occupancy, move, occupy

if TYPE_CHECKING:
    import numpy.typing as npt

    from codeanatomy.ecs.arrays import Ids
    from codeanatomy.ecs.space.continuous import Continuous

    Numbers = npt.NDArray[np.float64]


class Surroundings(NamedTuple):
    """Where everybody is, by cells at least as wide as the radius."""

    x: Numbers
    y: Numbers
    width: float
    height: float
    torus: bool
    radius: float
    columns: int
    rows: int
    held: Occupancy  # near: a cell itself and those that touch it
    scratch: tuple[Ids, Numbers, Numbers, Numbers]

    @classmethod
    def of(cls, space: Continuous, x: Numbers, y: Numbers, radius: float) -> Surroundings:
        """Begin with everybody at x, y; the two arrays are written to by `moved`."""
        if len(space.size) != 2:  # noqa: PLR2004 - x and y
            raise InvalidSpaceError("surroundings need a space of two dimensions", size=space.size)
        if radius <= 0:
            raise InvalidSpaceError(f"a radius is above 0, not {radius}", radius=radius)
        space.points(x, y)
        width, height = space.size
        columns, rows = (max(1, int(side / radius * (1 - 1e-9))) for side in space.size)
        grid = Grid(columns, rows, space.torus)
        own = np.arange(grid.cells, dtype=np.int64)[:, None]
        around = np.hstack([own, grid.neighbours()])
        column = np.minimum((x * (columns / width)).astype(np.int64), columns - 1)
        row = np.minimum((y * (rows / height)).astype(np.int64), rows - 1)
        held = occupy(row * columns + column, around)
        blank = np.empty(len(x))
        scratch = (np.empty(len(x), np.int64), blank, blank.copy(), blank.copy())
        return cls(x, y, width, height, space.torus, radius, columns, rows, held, scratch)


def near(air: Surroundings, me: int) -> tuple[Ids, Numbers, Numbers, Numbers]:
    """Give every other within the radius: rows, the short way to each (dx, dy), the distances.

    The arrays are used again by the next call.
    """
    x, y, first, after, beside = air.x, air.y, air.held.first, air.held.after, air.held.near
    found, to_x, to_y, far = air.scratch
    half_x, half_y, limit = air.width / 2, air.height / 2, air.radius * air.radius
    my_x, my_y, mine, count = x[me], y[me], air.held.cell[me], 0
    for place in range(beside.shape[1]):
        cell = beside[mine, place]
        row = first[cell] if cell >= 0 else -1
        while row >= 0:
            dx, dy = x[row] - my_x, y[row] - my_y
            if air.torus:
                dx += air.width if dx < -half_x else (-air.width if dx > half_x else 0.0)
                dy += air.height if dy < -half_y else (-air.height if dy > half_y else 0.0)
            squared = dx * dx + dy * dy
            if squared <= limit and row != me:
                found[count], to_x[count], to_y[count] = row, dx, dy
                far[count] = np.sqrt(squared)
                count += 1
            row = after[row]
    return found[:count], to_x[:count], to_y[:count], far[:count]


def moved(air: Surroundings, me: int, x: float, y: float) -> None:
    """Put one somewhere else: around the edge on a torus, else no further than it."""
    x, y = _within(x, air.width, air.torus), _within(y, air.height, air.torus)
    air.x[me], air.y[me] = x, y
    column = min(int(x * (air.columns / air.width)), air.columns - 1)
    row = min(int(y * (air.rows / air.height)), air.rows - 1)
    move(air.held, me, row * air.columns + column)


def _within(at: float, size: float, torus: bool) -> float:  # noqa: FBT001 - a fact of the space
    if torus:
        at %= size
        return 0.0 if at >= size else at
    return min(max(at, 0.0), float(np.nextafter(size, 0.0)))
