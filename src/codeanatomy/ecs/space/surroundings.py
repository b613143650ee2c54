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
    from collections.abc import Iterator

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
    around: Ids  # (cells, k): a cell and those that touch it, -1 beyond an edge
    held: Occupancy

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
        held = occupy(row * columns + column, grid.cells)
        return cls(x, y, width, height, space.torus, radius, columns, rows, around, held)


def near(all_: Surroundings, me: int) -> Iterator[tuple[int, float, float, float]]:
    """Give every other within the radius: its row, the short way to it (dx, dy), the distance."""
    for cell in all_.around[all_.held.cell[me]]:
        if cell < 0:
            continue
        row = all_.held.first[cell]
        while row >= 0:
            if row != me:
                dx, dy = all_.x[row] - all_.x[me], all_.y[row] - all_.y[me]
                if all_.torus:
                    dx -= np.floor(dx / all_.width + 0.5) * all_.width
                    dy -= np.floor(dy / all_.height + 0.5) * all_.height
                squared = dx * dx + dy * dy
                if squared <= all_.radius * all_.radius:
                    yield row, dx, dy, np.sqrt(squared)
            row = all_.held.after[row]


def moved(all_: Surroundings, me: int, x: float, y: float) -> None:
    """Put one somewhere else: around the edge on a torus, else no further than it."""
    x, y = _within(x, all_.width, all_.torus), _within(y, all_.height, all_.torus)
    all_.x[me], all_.y[me] = x, y
    column = min(int(x * (all_.columns / all_.width)), all_.columns - 1)
    row = min(int(y * (all_.rows / all_.height)), all_.rows - 1)
    move(all_.held, me, row * all_.columns + column)


def _within(at: float, size: float, torus: bool) -> float:  # noqa: FBT001 - a fact of the space
    if torus:
        at %= size
        return 0.0 if at >= size else at
    return min(max(at, 0.0), float(np.nextafter(size, 0.0)))
