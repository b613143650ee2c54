"""Replay: the ticks of a world made again from what was recorded, compared byte for byte."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from codeanatomy.ecs.arrays import Pool
from codeanatomy.ecs.entity import IdCounter
from codeanatomy.ecs.errors import NotReplayableError
from codeanatomy.ecs.history import bounds
from codeanatomy.ecs.query import state_at
from codeanatomy.ecs.resource import Resources, equal
from codeanatomy.ecs.tick import make
from codeanatomy.ecs.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.arrays import Array
    from codeanatomy.ecs.backend.base import TickRecord
    from codeanatomy.ecs.command import Command
    from codeanatomy.ecs.core import Core
    from codeanatomy.ecs.state import State
    from codeanatomy.ecs.table import Table
    from codeanatomy.ecs.tick import Made

OUTSIDE = ("", "hook")
"""Whose commands a replay takes from the record; those of processors are made again."""


class Difference(NamedTuple):
    """A column (or `entity_id`, or a resource) that came out otherwise, and in how many rows."""

    tick: int
    archetype: Archetype | None  # none for a resource
    name: str
    rows: int


@dataclass(frozen=True)
class Replay:
    """What a replay found: it ends at the first tick that came out otherwise."""

    from_tick: int
    to_tick: int
    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether every tick came out byte for byte."""
        return not self.differences


def replay(world: Core, from_tick: int | None = None, to_tick: int | None = None) -> Replay:
    """Make the ticks after `from_tick` again and compare each with what is recorded.

    Without bounds, all ticks this world made itself. The processors are those it has now.
    Raises `NotReplayableError` for a world with external resources, and for ticks of an
    ancestor, whose seed was its own.
    """
    first, last = _bounds(world, from_tick, to_tick)
    state = state_at(world, first)
    for tick in range(first + 1, last + 1):
        record = world.backend.record(tick)
        work, due = _prepared(world, state, record)
        made = make(state, due, work)
        recorded = state_at(world, tick)
        found = tuple(_differences(made, work, recorded))
        if found:
            return Replay(first, tick, found)
        state = _after(state, made, due, recorded)
    return Replay(first, last, ())


def _bounds(world: Core, from_tick: int | None, to_tick: int | None) -> tuple[int, int]:
    if not world.replayable:
        raise NotReplayableError(
            f"{world.name} uses external resources ({', '.join(sorted(world.external))}), which "
            "are not recorded; what they did cannot be replayed",
            external=tuple(sorted(world.external)),
        )
    own = world.birth.ancestor_tick or 0
    first = max(own, world.backend.ticks().start) if from_tick is None else from_tick
    last = world.tick if to_tick is None else to_tick
    if first < own:
        raise NotReplayableError(
            f"the ticks up to {own} were made by the ancestor {world.birth.ancestor} with its own "
            f"seed; replay them there, or from tick {own} on here",
            from_tick=first,
            ancestor=world.birth.ancestor,
        )
    state_at(world, last)
    return first, last


def _prepared(world: Core, before: State, record: TickRecord) -> tuple[Work, list[Command]]:
    """Put everything as it stood when the tick began."""
    outside = [c for c in record.commands if c.source in OUTSIDE]
    waiting = [c for c in before.pending if c.source not in OUTSIDE and c.tick <= record.tick]
    commands = [c for c in outside if c.kind not in {"resource", "ids"}]
    due = sorted([*waiting, *commands], key=lambda command: command.order)
    later = [c for c in record.pending if c.source in OUTSIDE]
    ids = _ids(before, outside)
    numbers = _Numbers(max([before.sequence, *(c.sequence + 1 for c in (*outside, *later))]))
    resources = Resources(before.resources, lambda: None)
    for command in outside:
        if command.kind == "resource":
            resources.repeat(command)
    work = Work(
        world.components,
        world.schedule,
        ids,
        numbers.take,
        lambda: numbers.next,
        resources,
        MappingProxyType({}),
        Pool(),
        world.seed,
        time.perf_counter,
        *bounds(world),
    )
    return work, due


class _Numbers:
    """The numbers of commands."""

    def __init__(self, first: int) -> None:
        self.next = first

    def take(self) -> int:
        self.next += 1
        return self.next - 1


def _ids(before: State, outside: Iterable[Command]) -> IdCounter:
    """Say which ids were handed out before the processors of the tick began."""
    for command in outside:
        if command.kind == "ids":
            new = np.union1d(before.reserved, command.entity_id[1:])
            return IdCounter(int(command.entity_id[0]), new)
    return IdCounter(before.next_id, before.reserved)


def _after(before: State, made: Made, due: list[Command], recorded: State) -> State:
    """Give the state the next tick starts from; of what waits, only what processors ordered.

    Ids and numbers are those of the record: it may have been closed and opened after this tick,
    with more handed out.
    """
    taken = {command.sequence for command in due}
    waiting = [c for c in before.pending if c.source not in OUTSIDE and c.sequence not in taken]
    return replace(recorded, tables=MappingProxyType(made.tables), pending=(*waiting, *made.later))


def _differences(made: Made, work: Work, recorded: State) -> Iterator[Difference]:
    tick = recorded.tick
    for archetype in sorted({*made.tables, *recorded.tables}):
        ours, theirs = made.tables.get(archetype), recorded.tables.get(archetype)
        if ours is None or theirs is None:
            rows = len(ours if ours is not None else theirs or ())
            yield Difference(tick, archetype, "entity_id", rows)
        else:
            yield from _in_table(tick, ours, theirs)
    resources = work.resources.snapshot()
    for name in sorted({*resources, *recorded.resources}):
        both = name in resources and name in recorded.resources
        if not both or not equal(resources[name], recorded.resources[name]):
            yield Difference(tick, None, name, 1)


def _in_table(tick: int, ours: Table, theirs: Table) -> Iterator[Difference]:
    if not same_bytes(ours.entity_id, theirs.entity_id):
        odd = len(np.setxor1d(ours.entity_id, theirs.entity_id))
        yield Difference(tick, ours.archetype, "entity_id", odd)
        return
    for name, column in ours.columns.items():
        if not same_bytes(column, theirs.columns[name]):
            yield Difference(tick, ours.archetype, name, _rows(column, theirs.columns[name]))


def same_bytes(left: Array, right: Array) -> bool:
    """Say whether two columns are the same bytes: -0.0 is not 0.0, one NaN not another."""
    if left is right:
        return True
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        same_kind = left.dtype == right.dtype and left.shape == right.shape
        return same_kind and bool((_bytes(left) == _bytes(right)).all())
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        return False
    return bool(left.equals(right))


def _rows(left: Array, right: Array) -> int:
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray) and len(left):
        unequal = _bytes(left) != _bytes(right)
        return int(unequal.reshape(len(left), -1).any(axis=1).sum())
    return sum(one != other for one, other in zip(left, right, strict=False))


def _bytes(array: Array) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)
