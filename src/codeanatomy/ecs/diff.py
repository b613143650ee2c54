"""The difference between two branches: by entity where both know it from before they parted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.arrays import arrow, take
from codeanatomy.ecs.changed import different
from codeanatomy.ecs.errors import UnrelatedWorldsError
from codeanatomy.ecs.history import lineage
from codeanatomy.ecs.query import state_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.ecs.arrays import Ids
    from codeanatomy.ecs.column import Column
    from codeanatomy.ecs.core import Core
    from codeanatomy.ecs.history import Ancestor
    from codeanatomy.ecs.state import State
    from codeanatomy.ecs.table import Table


@dataclass(frozen=True)
class Diff:
    """What differs between two branches at one tick each.

    `columns` has, for each column with differences, a table of entity_id, left and right.
    `moved` holds entities whose components differ. `left_only` and `right_only` were there
    before the branches parted and live in one of them; `left_born` and `right_born` came after:
    equal ids among those mean nothing, and they are never matched.
    """

    left_tick: int
    right_tick: int
    common: Ancestor
    columns: Mapping[str, pa.Table]
    moved: pa.Table
    left_only: Ids
    right_only: Ids
    left_born: Ids
    right_born: Ids

    @property
    def same(self) -> bool:
        """Whether nothing differs and nobody was born since."""
        ids = (self.left_only, self.right_only, self.left_born, self.right_born)
        return not self.columns and not len(self.moved) and not any(map(len, ids))

    def __repr__(self) -> str:
        columns = ", ".join(f"{name}: {len(rows)}" for name, rows in self.columns.items())
        return (
            f"<Diff since tick {self.common.until_tick}: rows that differ {{{columns}}}, moved "
            f"{len(self.moved)}, only left {len(self.left_only)} and right "
            f"{len(self.right_only)}, born left {len(self.left_born)} and right "
            f"{len(self.right_born)}>"
        )


def diff(left: Core, right: Core, tick: int | None = None) -> Diff:
    """Compare two branches at `tick`, or each at its last; raises `UnrelatedWorldsError`."""
    common = _common(left, right)
    ours = state_at(left, left.tick if tick is None else tick)
    theirs = state_at(right, right.tick if tick is None else tick)
    known = _Known(state_at(left, min(common.until_tick, left.tick)))
    here, there = _ids(ours), _ids(theirs)
    mine, other = here[known.holds(here)], there[known.holds(there)]
    both = np.intersect1d(mine, other, assume_unique=True)
    columns = {}
    for column in _columns(left, ours, theirs):
        rows = _rows(column, ours, theirs, both)
        if len(rows):
            columns[column.name] = rows
    return Diff(
        ours.tick,
        theirs.tick,
        common,
        columns,
        _moved(ours, theirs, both),
        np.setdiff1d(mine, other, assume_unique=True),
        np.setdiff1d(other, mine, assume_unique=True),
        here[~known.holds(here)],
        there[~known.holds(there)],
    )


class _Known:
    """The entities of the time before the branches parted: born, whether or not they live."""

    def __init__(self, state: State) -> None:
        spawns = [c.entity_id for c in state.pending if c.kind == "spawn"]
        self._next_id = state.next_id
        self._unborn = np.unique(np.concatenate([state.reserved, *spawns]))

    def holds(self, ids: Ids) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        found: np.ndarray[tuple[int], np.dtype[np.bool_]] = ids < self._next_id
        return found & ~np.isin(ids, self._unborn)


def _common(left: Core, right: Core) -> Ancestor:
    found = None
    for ours, theirs in zip(lineage(left), lineage(right), strict=False):
        if ours.world_id != theirs.world_id:
            break
        found = ours._replace(until_tick=min(ours.until_tick, theirs.until_tick))
    if found is None:
        raise UnrelatedWorldsError(
            f"{left.name} and {right.name} have no tick in common: neither is a fork of the "
            "other, nor both of a third; only branches can be compared",
            left=left.birth.world_id,
            right=right.birth.world_id,
        )
    return found


def _ids(state: State) -> Ids:
    ids = [table.entity_id for table in state.tables.values()]
    return np.sort(np.concatenate(ids)) if ids else np.empty(0, np.int64)


def _columns(world: Core, ours: State, theirs: State) -> tuple[Column, ...]:
    names = sorted({name for state in (ours, theirs) for found in state.tables for name in found})
    known = [name for name in names if name in world.components]
    return world.components.columns(known)


def _rows(column: Column, ours: State, theirs: State, both: Ids) -> pa.Table:
    """Give the entities both know whose values of a column differ."""
    schema = pa.schema([("entity_id", pa.int64()), ("left", column.type), ("right", column.type)])
    found = [
        _pair(column, left, right, both)
        for left in ours.tables.values()
        for right in theirs.tables.values()
        if column.name in left.columns and column.name in right.columns
    ]
    rows = pa.concat_tables(
        [schema.empty_table(), *(one.cast(schema) for one in found if one is not None)]
    )
    return rows.sort_by("entity_id") if len(found) > 1 else rows


def _pair(column: Column, left: Table, right: Table, both: Ids) -> pa.Table | None:
    mine, other = left.columns[column.name], right.columns[column.name]
    if mine is other and left.entity_id is right.entity_id:
        return None
    places = right.positions(left.entity_id)
    rows = np.flatnonzero((places >= 0) & np.isin(left.entity_id, both, assume_unique=True))
    if not len(rows):
        return None
    differ = different(take(mine, rows), take(other, places[rows]))
    rows = rows[differ]
    if not len(rows):
        return None
    arrays = [
        arrow(left.entity_id[rows]),
        column.to_arrow(take(mine, rows)),
        column.to_arrow(take(other, places[rows])),
    ]
    return pa.table(arrays, names=["entity_id", "left", "right"])


def _moved(ours: State, theirs: State, both: Ids) -> pa.Table:
    ids: list[Ids] = []
    names: list[tuple[list[str], list[str]]] = []
    for left in ours.tables.values():
        for right in theirs.tables.values():
            if left.archetype == right.archetype:
                continue
            shared = np.intersect1d(left.entity_id, right.entity_id, assume_unique=True)
            shared = np.intersect1d(shared, both, assume_unique=True)
            ids.append(shared)
            names += [(list(left.archetype), list(right.archetype))] * len(shared)
    text = pa.list_(pa.string())
    rows = pa.table(
        [
            arrow(np.concatenate(ids) if ids else np.empty(0, np.int64)),
            pa.array([one for one, _ in names], text),
            pa.array([other for _, other in names], text),
        ],
        names=["entity_id", "left", "right"],
    )
    return rows.sort_by("entity_id")
