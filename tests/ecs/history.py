"""A short history of a small world, the same every time, as the records that a store is given.

Two archetypes, numbers of one and three a row, texts, lists, births, deaths, moves, a resource
that changes now and then, commands that wait.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pyarrow as pa

from codeanatomy.ecs import component
from codeanatomy.ecs.backend.base import Birth, TableChange, TickRecord
from codeanatomy.ecs.command import Command
from codeanatomy.ecs.components import component_of
from codeanatomy.ecs.state import State
from codeanatomy.ecs.table import NO_IDS, Table

if TYPE_CHECKING:
    from codeanatomy.ecs.arrays import Ids

BIRTH = Birth("w0", "r0", "village", 7)


@component
class Position:
    """Where somebody is."""

    x: float
    at: Annotated[list[float], 3]


@component
class Name:
    """What somebody is called, and was."""

    text: str
    former: list[str]


COMPONENTS = (component_of(Position), component_of(Name))
PLACED, NAMED = ("position",), ("name", "position")


def records(ticks: int, rows: int = 3, first: State | None = None) -> list[TickRecord]:
    """Give the records of ticks 1, 2 ... or of those after a state."""
    state = first or State()
    found = []
    for _ in range(ticks):
        record = after(state, rows)
        found.append(record)
        state = record.state
    return found


def after(before: State, rows: int) -> TickRecord:
    """Make the tick after a state."""
    tick = before.tick + 1
    chance = np.random.default_rng(tick)
    tables = {
        PLACED: _placed(before, tick, rows, chance),
        NAMED: _named(before, tick, rows, chance),
    }
    changes = tuple(_change(before, name, table) for name, table in tables.items())
    resources = before.resources
    if tick % 3 == 1:
        resources = MappingProxyType({"season": tick // 3, "map": ("a", "b", tick)})
    command = Command(
        "update",
        tick + 2,
        0,
        tick,
        np.array([1], np.int64),
        columns=MappingProxyType({"position__x": np.array([tick / 2])}),
    )
    state = State(
        tick,
        MappingProxyType({name: table for name, table in tables.items() if len(table)}),
        10 * rows + tick,
        tick,
        np.array([90, 91], np.int64) if tick % 2 else NO_IDS,
        (command,),
        resources,
    )
    return TickRecord(
        tick,
        changes,
        state.next_id,
        state.sequence,
        state.reserved,
        state.pending,
        resources,
        before.pending,
        COMPONENTS if tick == 1 else (),
        state,
    )


def _placed(before: State, tick: int, rows: int, chance: np.random.Generator) -> Table:
    """Everybody moves; in every fifth tick one is born and one dies."""
    old = before.tables.get(PLACED)
    ids = np.arange(1, rows + 1) if old is None else old.entity_id
    if tick % 5 == 0:
        ids = np.append(ids[1:], ids[-1] + 1)
    keep = old is not None and ids is old.entity_id
    at = old.columns["position__at"] if keep and old else chance.random((len(ids), 3))
    columns = {"position__x": chance.random(len(ids)), "position__at": at}
    return Table(PLACED, ids, columns)


def _named(before: State, tick: int, rows: int, chance: np.random.Generator) -> Table:
    """Nothing changes but in every fourth tick; in every seventh nobody is left."""
    old = before.tables.get(NAMED)
    if old is not None and tick % 4 and tick % 7:
        return old
    ids: Ids = np.arange(101, 101 + rows) if tick % 7 else NO_IDS
    names = [f"n{tick}-{number}" for number in ids]
    columns = {
        "name__text": pa.array(names, pa.string()),
        "name__former": pa.array([[name, ""] for name in names], pa.list_(pa.string())),
        "position__x": chance.random(len(ids)),
        "position__at": chance.random((len(ids), 3)),
    }
    return Table(NAMED, ids, columns)


def _change(before: State, name: tuple[str, ...], table: Table) -> TableChange:
    old = before.tables.get(name)
    if old is None:
        fresh = frozenset(table.columns)
        return TableChange(name, table, fresh, entities_changed=True, tombstones=None)
    changed = frozenset(c for c in table.columns if table.columns[c] is not old.columns[c])
    gone = old.without(table.entity_id)
    return TableChange(
        name,
        table,
        changed,
        entities_changed=table.entity_id is not old.entity_id,
        tombstones=gone if len(gone) else None,
    )


def facts(state: State) -> dict[str, object]:
    """Give all of a state as plain values, to compare."""
    return {
        "tick": state.tick,
        "tables": {name: rows(table) for name, table in state.tables.items()},
        "next_id": state.next_id,
        "sequence": state.sequence,
        "reserved": state.reserved.tolist(),
        "pending": [told(command) for command in state.pending],
        "resources": dict(state.resources),
    }


def rows(table: Table | None) -> dict[str, object]:
    """Give a table as plain values."""
    if table is None:
        return {}
    columns = {name: plain(column) for name, column in table.columns.items()}
    return {"entity_id": table.entity_id.tolist(), **dict(sorted(columns.items()))}


def told(command: Command) -> dict[str, object]:
    """Give a command as plain values."""
    columns = {name: plain(column) for name, column in command.columns.items()}
    return {
        "kind": command.kind,
        "order": command.order,
        "ids": command.entity_id.tolist(),
        "components": tuple(command.components),
        "columns": columns,
        "source": command.source,
    }


def plain(column: object) -> object:
    """Give a column as a list."""
    return column.tolist() if isinstance(column, np.ndarray) else column.to_pylist()  # type: ignore[attr-defined] # an Arrow array


def committed(record: TickRecord) -> dict[str, object]:
    """Give what a record says beyond its state, to compare."""
    return {
        "state": facts(record.state),
        "commands": [told(command) for command in record.commands],
        "tombstones": {
            change.archetype: rows(change.tombstones)
            for change in record.tables
            if change.tombstones is not None
        },
    }
