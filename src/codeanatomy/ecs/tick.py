"""THE tick: prior active rows -> processors -> commands -> one record to commit.

A tick reads a state and makes the next one; it changes nothing. The steps stand in `make`, in
the order of their law: tables to visit, processors by priority, commands, validation.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from codeanatomy.ecs.apply import apply
from codeanatomy.ecs.backend.base import TableChange, TickRecord
from codeanatomy.ecs.buffer import CommandBuffer
from codeanatomy.ecs.errors import TooManyError
from codeanatomy.ecs.process import process
from codeanatomy.ecs.state import State
from codeanatomy.ecs.table import empty_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codeanatomy.ecs.apply import Applied
    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.command import Command
    from codeanatomy.ecs.components import Component, Components
    from codeanatomy.ecs.table import Table
    from codeanatomy.ecs.work import Work


class Made(NamedTuple):
    """A tick that was made and waits for its commit."""

    tables: dict[Archetype, Table]
    changes: tuple[TableChange, ...]
    commands: tuple[Command, ...]  # as applied, in order
    later: tuple[Command, ...]  # what processors ordered for later ticks
    applied: Applied


def make(before: State, due: Sequence[Command], work: Work) -> Made:
    """Make the tick after `before` from the commands that are due, in their order."""
    tick = before.tick + 1
    started = work.clock()
    working = _visited(before, due, work.components)
    buffers: list[CommandBuffer] = []

    def buffer(processor: str) -> CommandBuffer:
        made = CommandBuffer(
            work.components,
            work.ids,
            work.number,
            now=lambda: tick,
            view=working.values,
            source=processor,
            bound=work.max_commands,
            most_ids=_room(before, work),
        )
        buffers.append(made)
        return made

    process(tick, working, buffer, work)
    processed = work.clock()
    ordered = [command for each in buffers for command in each.commands]
    commands = (*due, *(command for command in ordered if command.tick == tick))
    applied = apply(before.tables, working, commands, work.ids.reserved, work.components)
    tables = {found: applied.tables[found] for found in sorted(applied.tables)}
    tables = {found: table for found, table in tables.items() if len(table)}
    _check_bound(tables, work.max_entities)
    changes = _changes(before.tables, tables, applied)
    later = tuple(command for command in ordered if command.tick != tick)
    work.timings["process"] = processed - started
    work.timings["apply"] = work.clock() - processed
    return Made(tables, changes, commands, later, applied)


def record(
    before: State, made: Made, queue: CommandBuffer, work: Work, new: tuple[Component, ...]
) -> TickRecord:
    """Put a made tick into the form that a store takes."""
    work.ids.use(made.applied.used, before.tick + 1)
    pending = tuple(queue.commands)
    state = State(
        before.tick + 1,
        MappingProxyType(made.tables),
        work.ids.next_id,
        work.sequence(),
        work.ids.reserved,
        pending,
        work.resources.snapshot(),
    )
    return TickRecord(
        state.tick,
        made.changes,
        state.next_id,
        state.sequence,
        state.reserved,
        pending,
        state.resources,
        made.commands,
        new,
        state,
    )


def _visited(
    before: State, due: Sequence[Command], components: Components
) -> dict[Archetype, Table]:
    """Give the tables to visit: the living without what queued commands despawn, and the born."""
    working = dict(before.tables)
    going = [command.entity_id for command in due if command.kind == "despawn"]
    if going:
        ids = np.unique(np.concatenate(going))
        working = {found: table.without(ids) for found, table in working.items()}
    for command in due:
        if command.kind == "spawn" and command.components not in working:
            found = command.components
            working[found] = empty_table(found, components.columns(found))
    return {found: working[found] for found in sorted(working)}  # ids are handed out in this order


def _room(before: State, work: Work) -> int:
    living = sum(len(table) for table in before.tables.values())
    return max(work.max_entities - living, 0)


def _check_bound(tables: Mapping[Archetype, Table], bound: int) -> None:
    living = sum(len(table) for table in tables.values())
    if living > bound:
        raise TooManyError(
            f"{living} entities would live in this world; its bound is {bound} (max_entities)",
            entities=living,
            bound=bound,
        )


def _changes(
    before: Mapping[Archetype, Table], after: Mapping[Archetype, Table], applied: Applied
) -> tuple[TableChange, ...]:
    """Say for every table with rows or tombstones what is not as in the tick before."""
    changes = []
    for found in sorted({*after, *applied.tombstones}):
        table, old = applied.tables[found], before.get(found)
        if old is None:
            changed, moved = frozenset(table.columns), True
        else:
            moved = table.entity_id is not old.entity_id
            changed = frozenset(
                name for name, column in table.columns.items() if column is not old.columns[name]
            )
        changes.append(TableChange(found, table, changed, moved, applied.tombstones.get(found)))
    return tuple(changes)
