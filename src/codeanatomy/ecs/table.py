"""A table: the active rows of one archetype at one moment, by ascending id, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.arrays import arrow, frozen, keep, take

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.arrays import Array, Ids
    from codeanatomy.ecs.column import Column

NO_IDS: Ids = frozen(np.empty(0, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Read-only columns of equal length; the same array object means the same values."""

    archetype: Archetype
    entity_id: Ids
    columns: Mapping[str, Array]

    def __len__(self) -> int:
        return len(self.entity_id)

    def with_columns(self, changed: Mapping[str, Array]) -> Table:
        """Give the table with some columns replaced."""
        return Table(self.archetype, self.entity_id, {**self.columns, **changed})

    def at(self, positions: Ids) -> Table:
        """Give the rows at these positions."""
        columns = {name: take(column, positions) for name, column in self.columns.items()}
        return Table(self.archetype, take(self.entity_id, positions), columns)

    def where(self, mask: npt.NDArray[np.bool_]) -> Table:
        """Give the rows where the mask is true."""
        columns = {name: keep(column, mask) for name, column in self.columns.items()}
        return Table(self.archetype, keep(self.entity_id, mask), columns)

    def positions(self, ids: Ids) -> Ids:
        """Give the row of each id, -1 for those that are not here."""
        return positions(self.entity_id, ids)

    def without(self, ids: Ids) -> Table:
        """Give the rows whose ids are not among these; itself when none is here."""
        found = self.positions(ids)
        found = found[found >= 0]
        if not len(found):
            return self
        mask = np.ones(len(self), np.bool_)
        mask[found] = False
        return self.where(mask)

    def to_arrow(self, declared: Iterable[Column]) -> pa.Table:
        """Give entity_id and the columns as Arrow, without copies where the layout allows it."""
        names, arrays = ["entity_id"], [arrow(self.entity_id)]
        for column in declared:
            names.append(column.name)
            arrays.append(column.to_arrow(self.columns[column.name]))
        return pa.table(arrays, names=names)


def positions(sorted_ids: Ids, ids: Ids) -> Ids:
    """Give the place of each id in an ascending array, -1 for those that are not in it."""
    if not len(sorted_ids):
        return np.full(len(ids), -1, np.int64)
    if sorted_ids is ids:
        return np.arange(len(ids), dtype=np.int64)
    first = int(sorted_ids[0])
    if int(sorted_ids[-1]) - first == len(sorted_ids) - 1:  # no gaps: a subtraction finds them
        guess = ids - first
        return np.where((guess >= 0) & (guess < len(sorted_ids)), guess, -1)
    guess = np.searchsorted(sorted_ids, ids)
    inside = np.minimum(guess, len(sorted_ids) - 1)
    return np.where(sorted_ids[inside] == ids, inside, -1)


def empty_table(found: Archetype, declared: Iterable[Column]) -> Table:
    """Give the table of an archetype nobody lives in."""
    return Table(found, NO_IDS, {column.name: column.empty() for column in declared})
