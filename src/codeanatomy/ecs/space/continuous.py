"""A continuous space: points in a box, and who is near whom, by a list of cells.

The box is cut into cells at least as wide as the radius, so the neighbours of a point are in
its own cell or those that touch it (Allen and Tildesley, Computer Simulation of Liquids, 5.3).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from codeanatomy.ecs.errors import InvalidSpaceError

if TYPE_CHECKING:
    import numpy.typing as npt

    from codeanatomy.ecs.arrays import Ids

    Points = npt.NDArray[np.float64]


_SAFE = 1 - 1e-9  # cells a little wider than the radius: rounding moves no point too far


class Pairs(NamedTuple):
    """Who sees whom: rows, the rows they see, the step between, and its length."""

    row: Ids
    other: Ids
    step: npt.NDArray[np.float64]  # (pairs, dimensions): from row to other, the short way
    distance: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Continuous:
    """A box from 0 to `size` (exclusive) in one to three dimensions; on a torus edges meet."""

    size: tuple[float, ...]
    torus: bool = True

    def __post_init__(self) -> None:
        size = tuple(float(side) for side in self.size)
        if not 1 <= len(size) <= 3 or not all(0 < side < math.inf for side in size):  # noqa: PLR2004 - dimensions of a room
            raise InvalidSpaceError(
                f"a continuous space has one to three sides above 0, not {self.size}",
                size=self.size,
            )
        object.__setattr__(self, "size", size)

    def points(self, *coordinates: object) -> Points:
        """Put one column a dimension together to points (n, dimensions)."""
        return self._checked(np.column_stack([np.asarray(c, np.float64) for c in coordinates]))

    def wrap(self, points: Points) -> Points:
        """Bring points into the box: around on a torus, else to the nearest edge."""
        size = np.asarray(self.size)
        if not self.torus:
            return np.clip(points, 0.0, np.nextafter(size, 0.0))
        found: Points = points % size
        return np.where(found >= size, 0.0, found)  # -1e-20 % 1.0 is 1.0

    def step(self, points: Points, others: Points) -> Points:
        """Give the shortest way from points to others."""
        found: Points = others - points
        if self.torus:
            size = np.asarray(self.size)
            found -= np.round(found / size) * size
        return found

    def distance(self, points: Points, others: Points) -> npt.NDArray[np.float64]:
        """Give the length of the shortest way."""
        found: npt.NDArray[np.float64] = np.sqrt((self.step(points, others) ** 2).sum(axis=-1))
        return found

    def pairs(self, points: Points, radius: float) -> Pairs:
        """Give every pair of different points at most `radius` apart, once from each side.

        Cost: about the number of points and of pairs. The order of the pairs is the same for
        the same points.
        """
        held = self._checked(points)
        found = self._between(held, held, radius)
        apart = found.row != found.other
        return Pairs(*(array[apart] for array in found))

    def around(self, centres: Points, points: Points, radius: float) -> Pairs:
        """Give the points at most `radius` from each centre: rows are centres, others points."""
        return self._between(self._checked(centres), self._checked(points), radius)

    def nearest(self, points: Points, count: int = 1) -> tuple[Ids, npt.NDArray[np.float64]]:
        """Give the `count` nearest other points of each and how far they are: (n, count).

        Nearest first, ties by row. Raises where there are not so many others.
        """
        held = self._checked(points)
        rows = len(held)
        if not 0 < count < max(rows, 1):
            raise InvalidSpaceError(f"{rows} points have no {count} nearest others", count=count)
        others, far = np.empty((rows, count), np.int64), np.empty((rows, count))
        left = np.arange(rows)
        radius = (math.prod(self.size) * 2 * (count + 1) / rows) ** (1 / len(self.size))
        while len(left):
            found = self._between(held[left], held, min(radius, self._widest))
            other = found.row, found.other, found.distance
            apart = left[found.row] != found.other
            row, seen, distance = (array[apart] for array in other)
            order = np.lexsort((seen, distance, row))
            each = np.bincount(row, minlength=len(left))
            start = np.cumsum(each) - each
            full = each >= count
            pick = order[start[full][:, None] + np.arange(count)]
            others[left[full]], far[left[full]] = seen[pick], distance[pick]
            left, radius = left[~full], radius * 2
        return others, far

    @property
    def _widest(self) -> float:
        """A radius that reaches everything."""
        return math.sqrt(sum(side * side for side in self.size))

    def _between(self, centres: Points, points: Points, radius: float) -> Pairs:
        if not 0 <= radius < math.inf:
            raise InvalidSpaceError(f"a radius is a number from 0, not {radius}", radius=radius)
        counts = self._cells(radius, len(points))
        there, here = self._cell(points, counts), self._cell(centres, counts)
        numbers = _number(there, counts)
        order = np.argsort(numbers, kind="stable")
        start = np.zeros(math.prod(counts) + 1, np.int64)
        np.cumsum(np.bincount(numbers, minlength=math.prod(counts)), out=start[1:])
        parts = []
        for offset in self._offsets(counts):
            near, inside = self._shifted(here, offset, counts)
            parts.append(_listed(near, np.flatnonzero(inside), start, order))
        row = np.concatenate([part[0] for part in parts])
        other = np.concatenate([part[1] for part in parts])
        step = self.step(centres[row], points[other])
        squared = (step * step).sum(axis=1)
        close = squared <= radius * radius
        return Pairs(row[close], other[close], step[close], np.sqrt(squared[close]))

    def _cells(self, radius: float, points: int) -> tuple[int, ...]:
        """Give the number of cells of each side: none narrower than the radius, not too many."""
        most = max(1, int((4 * points + 1) ** (1 / len(self.size))))
        return tuple(
            max(1, min(most, int(side / radius * _SAFE) if radius > 0 else most))
            for side in self.size
        )

    def _cell(self, points: Points, counts: tuple[int, ...]) -> Ids:
        scale = np.asarray(counts) / np.asarray(self.size)
        found: Ids = np.minimum((points * scale).astype(np.int64), np.asarray(counts) - 1)
        return found

    def _offsets(self, counts: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Give the steps to the cells that touch, each cell once also where a torus is small."""
        reach = [(-1, 0, 1) if count > 2 or not self.torus else range(count) for count in counts]  # noqa: PLR2004 - with two cells, left is right
        return list(itertools.product(*reach))

    def _shifted(
        self, here: Ids, offset: tuple[int, ...], counts: tuple[int, ...]
    ) -> tuple[Ids, npt.NDArray[np.bool_]]:
        moved = here + np.asarray(offset)
        if self.torus:
            return _number(moved % np.asarray(counts), counts), np.ones(len(here), np.bool_)
        inside = ((moved >= 0) & (moved < np.asarray(counts))).all(axis=1)
        return _number(np.where(inside[:, None], moved, 0), counts), inside

    def _checked(self, points: Points) -> Points:
        held = np.asarray(points, dtype=np.float64)
        if held.ndim != 2 or held.shape[1] != len(self.size):  # noqa: PLR2004 - rows and dimensions
            raise InvalidSpaceError(
                f"points are an array (n, {len(self.size)}), not {held.shape}", shape=held.shape
            )
        if held.size and not ((held >= 0) & (held < np.asarray(self.size))).all():
            raise InvalidSpaceError(
                f"points lie from 0 to {self.size} (exclusive); `wrap` brings them there"
            )
        return held


def _number(cell: Ids, counts: tuple[int, ...]) -> Ids:
    found = cell[:, 0]
    for axis in range(1, len(counts)):
        found = found * counts[axis] + cell[:, axis]
    return found


def _listed(near: Ids, rows: Ids, start: Ids, order: Ids) -> tuple[Ids, Ids]:
    """Give each row with every point of its near cell: ranges put one after the other."""
    first = start[near[rows]]
    each = start[near[rows] + 1] - first
    row = np.repeat(rows, each)
    ends = np.cumsum(each)
    place = np.arange(len(row)) - np.repeat(ends - each, each) + np.repeat(first, each)
    return row, order[place]
