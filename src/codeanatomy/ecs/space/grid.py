"""A grid: cells in rows and columns, their neighbourhoods as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from codeanatomy.ecs.errors import InvalidSpaceError
from codeanatomy.ecs.space.occupancy import occupy

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from codeanatomy.ecs.arrays import Ids, Numbers
    from codeanatomy.ecs.space.occupancy import Occupancy

Shape: TypeAlias = Literal["moore", "von neumann"]


@dataclass(frozen=True)
class Grid:
    """`width` x `height` cells, numbered row by row: cell = y * width + x.

    On a torus the edges meet; else there is nothing beyond them. A neighbourhood is "moore"
    (every cell up to `radius` rows and columns away) or "von neumann" (up to `radius` steps
    away along rows and columns); a cell is not its own neighbour, and none is counted twice.
    """

    width: int
    height: int
    torus: bool = True

    def __post_init__(self) -> None:
        for size in (self.width, self.height):
            if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                raise InvalidSpaceError(
                    f"a grid has at least one row and one column, not {self.width} x {self.height}",
                    width=self.width,
                    height=self.height,
                )

    @property
    def cells(self) -> int:
        """The number of cells."""
        return self.width * self.height

    def cell(self, x: object, y: object) -> Ids:
        """Give the cell at each column and row; on a torus they wrap around."""
        column, row = np.asarray(x, dtype=np.int64), np.asarray(y, dtype=np.int64)
        if self.torus:
            column, row = column % self.width, row % self.height
        elif ((column < 0) | (column >= self.width) | (row < 0) | (row >= self.height)).any():
            raise InvalidSpaceError(
                f"the columns go from 0 to {self.width - 1} and the rows to {self.height - 1}; "
                "this grid is no torus"
            )
        found: Ids = row * self.width + column
        return found

    def xy(self, cell: object) -> tuple[Ids, Ids]:
        """Give the column and the row of each cell."""
        row, column = np.divmod(self._checked(cell), self.width)
        return column, row

    def neighbours(self, radius: int = 1, shape: Shape = "moore") -> Ids:
        """Give for every cell its neighbours: (cells, k), -1 for those beyond an edge.

        Read-only and the same array for the same question. Ordered by row, then column.
        """
        return _neighbours(self, radius, shape)

    def count(self, cell: object) -> Ids:
        """Give for every cell how many of these are in it."""
        found: Ids = np.bincount(self._checked(cell), minlength=self.cells)
        return found

    def total(self, cell: object, values: Numbers) -> npt.NDArray[np.float64]:
        """Give for every cell the sum of the values of those in it."""
        weights = np.asarray(values, np.float64)
        return np.bincount(self._checked(cell), weights, self.cells).astype(np.float64, copy=False)

    def members(self, cell: object) -> tuple[Ids, Ids]:
        """Give the rows by cell: `rows[start[c]:start[c + 1]]` are those in cell c, ascending."""
        held = self._checked(cell)
        start = np.zeros(self.cells + 1, np.int64)
        np.cumsum(np.bincount(held, minlength=self.cells), out=start[1:])
        return start, np.argsort(held, kind="stable").astype(np.int64)

    def sum_around(self, values: Numbers, radius: int = 1, shape: Shape = "moore") -> Numbers:
        """Give for every cell the sum of the values of its neighbours; of no values, none."""
        held = np.asarray(values)
        if not held.size:
            return held  # the rows of a table that is visited in the tick before its first
        total = np.zeros((self.height, self.width), np.int64 if held.dtype == bool else held.dtype)
        for shifted in self._shifted(held, radius, shape):
            total += shifted
        return total.reshape(-1)

    def any_around(
        self, mask: npt.NDArray[np.bool_], radius: int = 1, shape: Shape = "moore"
    ) -> npt.NDArray[np.bool_]:
        """Say for every cell whether the mask holds for one of its neighbours; of none, none."""
        if not len(mask):
            return np.empty(0, np.bool_)
        found = np.zeros((self.height, self.width), np.bool_)
        for shifted in self._shifted(np.asarray(mask, dtype=np.bool_), radius, shape):
            found |= shifted
        return found.reshape(-1)

    def wander(
        self,
        cell: object,
        chance: np.random.Generator,
        radius: int = 1,
        shape: Shape = "moore",
    ) -> Ids:
        """Give for each a random cell of its neighbourhood to go to; where there is none, stay."""
        held = self._checked(cell)
        around = self.neighbours(radius, shape)
        if not around.shape[1]:
            return held
        if self.torus:
            return around[held, chance.integers(0, around.shape[1], len(held))]
        here = (around >= 0).sum(axis=1)[held]  # neighbours that exist come first once sorted
        pick = (chance.random(len(held)) * here).astype(np.int64)
        found: Ids = np.where(here > 0, _packed(self, radius, shape)[held, pick], held)
        return found

    def occupy(self, cell: Ids, radius: int = 1, shape: Shape = "moore") -> Occupancy:
        """Put rows into their cells, for turns in which they move. See `occupancy`."""
        return occupy(cell, self.neighbours(radius, shape))

    def _shifted(self, values: Numbers, radius: int, shape: Shape) -> Iterator[Numbers]:
        """Give the grid once for every offset of the neighbourhood, as views of one padded copy."""
        if values.shape != (self.cells,):
            raise InvalidSpaceError(
                f"one value for each of {self.cells} cells, not {values.shape}", shape=values.shape
            )
        offsets = _offsets(self, radius, shape)
        if not offsets:
            return
        deep = max(abs(dy) for _, dy in offsets)
        wide = max(abs(dx) for dx, _ in offsets)
        held = values.reshape(self.height, self.width)
        padded = np.pad(held, ((deep, deep), (wide, wide)), "wrap" if self.torus else "constant")
        for dx, dy in offsets:
            yield padded[deep + dy : deep + dy + self.height, wide + dx : wide + dx + self.width]

    def _checked(self, cell: object) -> Ids:
        held = np.asarray(cell)
        if held.size and (
            held.dtype.kind not in "iu" or held.min() < 0 or held.max() >= self.cells
        ):
            raise InvalidSpaceError(f"cells are whole numbers from 0 to {self.cells - 1}")
        return held.astype(np.int64, copy=False)


@lru_cache(maxsize=64)
def _offsets(grid: Grid, radius: int, shape: Shape) -> tuple[tuple[int, int], ...]:
    """Give the steps to the neighbours, each cell once also where a torus is small."""
    if isinstance(radius, bool) or not isinstance(radius, int) or radius < 0:
        raise InvalidSpaceError(f"a radius is a whole number from 0, not {radius!r}")
    if shape not in {"moore", "von neumann"}:
        raise InvalidSpaceError(f'a neighbourhood is "moore" or "von neumann", not {shape!r}')
    reach = range(-radius, radius + 1)
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for dy in reach:
        for dx in reach:
            if shape == "von neumann" and abs(dx) + abs(dy) > radius:
                continue
            to = (dx % grid.width, dy % grid.height) if grid.torus else (dx, dy)
            short = (_short(to[0], grid.width), _short(to[1], grid.height)) if grid.torus else to
            inside = grid.torus or (abs(dx) < grid.width and abs(dy) < grid.height)
            if to != (0, 0) and inside:
                found.setdefault(to, short)
    return tuple(sorted(found.values(), key=lambda step: (step[1], step[0])))


def _short(step: int, size: int) -> int:
    return step - size if step > size // 2 else step


@lru_cache(maxsize=64)
def _neighbours(grid: Grid, radius: int, shape: Shape) -> Ids:
    offsets = _offsets(grid, radius, shape)
    cell = np.arange(grid.cells, dtype=np.int64)
    y, x = np.divmod(cell, grid.width)
    found = np.empty((grid.cells, len(offsets)), np.int64)
    for place, (dx, dy) in enumerate(offsets):
        if grid.torus:
            found[:, place] = (y + dy) % grid.height * grid.width + (x + dx) % grid.width
        else:
            there = (y + dy) * grid.width + x + dx
            off = (x + dx < 0) | (x + dx >= grid.width) | (y + dy < 0) | (y + dy >= grid.height)
            found[:, place] = np.where(off, -1, there)
    found.flags.writeable = False
    return found


@lru_cache(maxsize=64)
def _packed(grid: Grid, radius: int, shape: Shape) -> Ids:
    """Give the neighbours with those that exist in front."""
    around = _neighbours(grid, radius, shape)
    order = np.argsort(around < 0, axis=1, kind="stable")
    found: Ids = np.take_along_axis(around, order, axis=1)
    return found
