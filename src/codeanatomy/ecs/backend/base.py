"""The contract of a store of ticks: one commit a tick, whole or not at all, readable for ever."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.kernel.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.arrays import Ids
    from codeanatomy.ecs.command import Command
    from codeanatomy.ecs.components import Component
    from codeanatomy.ecs.state import State
    from codeanatomy.ecs.table import Table


class TableChange(NamedTuple):
    """One table in one tick: its active rows, what changed, and the rows that left."""

    archetype: Archetype
    table: Table
    changed: frozenset[str]  # columns whose arrays are not those of the tick before
    entities_changed: bool  # the entity ids are not those of the tick before
    tombstones: Table | None  # the previous tick's values of the rows that left


class TickRecord(NamedTuple):
    """All that one tick commits, at once."""

    tick: int
    tables: tuple[TableChange, ...]  # every table with active rows or tombstones
    next_id: int
    sequence: int
    reserved: Ids
    pending: tuple[Command, ...]
    resources: Mapping[str, object]
    commands: tuple[Command, ...]  # as applied, in order, for replay
    components: tuple[Component, ...]  # declared since the last record
    state: State  # the same as a value: what `last` and `state` give back


class Birth(NamedTuple):
    """What a world is from its first moment: who it is, its chance, where it comes from."""

    world_id: str
    run_id: str
    name: str
    seed: int
    ancestor: str | None = None  # the world this was forked from
    ancestor_tick: int | None = None
    lineage: tuple[tuple[str, str, int], ...] = ()  # every ancestor: world, run, up to tick


class Capabilities(NamedTuple):
    """What a store can do, as data: what it cannot is refused by name, never done halfway."""

    backend: str
    durable: bool = False  # ticks survive the process
    deferred: bool = False  # knows durability settings other than each tick
    constant_read: bool = True  # reading one tick costs the same however long the history is
    shared_forks: bool = True  # a fork copies no rows
    retention: bool = False  # old ticks can be given up
    sealing: bool = False  # old ticks can be moved into Parquet
    remote: bool = False  # any fsspec address is a place
    migration: bool = True  # components may change their fields by a rule


class Compacted(NamedTuple):
    """What a compaction did: ticks sealed, where they are, segments that went, bytes they had.

    `pinned` segments stay, for a fork still reads its rows from them.
    """

    ticks: int
    address: str
    segments: int
    freed: int
    pinned: int


class Retained(NamedTuple):
    """What a retention did: how many ticks can still be read, and how many were given up."""

    kept: int
    dropped: int


class Backend(ABC):
    """A store of one world's ticks."""

    capabilities: Capabilities

    @property
    @abstractmethod
    def birth(self) -> Birth | None:
        """Who lives here; nothing when the place is still empty."""

    @property
    @abstractmethod
    def durable_tick(self) -> int:
        """The last tick that would be there after a crash."""

    @abstractmethod
    def create(self, birth: Birth, components: tuple[Component, ...]) -> None:
        """Begin an empty world."""

    @abstractmethod
    def commit(self, record: TickRecord) -> None:
        """Take one tick, whole or not at all; durable as the setting says."""

    @abstractmethod
    def last(self) -> State:
        """Give the state after the last tick."""

    @abstractmethod
    def state(self, tick: int) -> State:
        """Give the state after a tick, as it was."""

    @abstractmethod
    def components(self) -> tuple[Component, ...]:
        """Give the components this world has known, in the order they became known."""

    @abstractmethod
    def fork(self, tick: int, birth: Birth) -> Backend:
        """Give a store that shares all ticks up to `tick` and goes its own way after it."""

    @abstractmethod
    def record(self, tick: int) -> TickRecord:
        """Give what a tick committed: the tables as changed, its tombstones and its commands."""

    @abstractmethod
    def ticks(self) -> range:
        """Give the ticks from the oldest that can be read to the last."""

    def held(self) -> Sequence[int]:
        """Give the ticks that can be read, without those that retention gave up."""
        return self.ticks()

    def commands(self, tick: int) -> tuple[Command, ...]:
        """Give the commands a tick applied, in order."""
        return self.record(tick).commands

    def read(self, tick: int) -> Mapping[Archetype, Table]:
        """Give the active rows of a tick."""
        return self.state(tick).tables

    def compact(self, to: str | None = None) -> Compacted:
        """Seal older ticks into Parquet parts; `UnsupportedError` where that means nothing."""
        raise _cannot(self, "compaction", to=to)

    def retain(
        self, last: int | None = None, every: int | None = None, *, keyframes: bool = False
    ) -> Retained:
        """Keep the last ticks, every k-th before them, the keyframes; give all others up."""
        raise _cannot(self, "retention", last=last, every=every, keyframes=keyframes)

    def check(self) -> None:  # noqa: B027 - nothing to check where nothing is deferred
        """Raise the failure of a flush in the background, if there was one."""

    def flush(self) -> None:  # noqa: B027 - nothing waits where nothing is deferred
        """Make every committed tick durable."""

    def close(self) -> None:  # noqa: B027 - nothing to give back
        """Flush and give back what is held."""


def _cannot(backend: Backend, what: str, **facts: object) -> UnsupportedError:
    name = backend.capabilities.backend
    return UnsupportedError(f"the {name} store knows no {what}", backend=name, **facts)


def known(before: Iterable[Component], fresh: Iterable[Component]) -> tuple[Component, ...]:
    """Give the components in the order they became known, each as it was declared last."""
    named = {component.name: component for component in before}
    named |= {component.name: component for component in fresh}
    return tuple(named.values())


def restated(state: State, components: tuple[Component, ...] = ()) -> TickRecord:
    """Give the record of a tick that holds nothing but a state."""
    tables = tuple(
        TableChange(name, table, frozenset(), entities_changed=False, tombstones=None)
        for name, table in state.tables.items()
    )
    return TickRecord(
        state.tick,
        tables,
        state.next_id,
        state.sequence,
        state.reserved,
        state.pending,
        state.resources,
        (),
        components,
        state,
    )


def told_again(before: TickRecord, record: TickRecord) -> TickRecord:
    """Give a record of a tick that was committed before, with what had happened in it kept."""
    gone = {change.archetype: change for change in before.tables if change.tombstones is not None}
    tables = []
    for change in record.tables:
        left = gone.pop(change.archetype, change).tombstones
        kept = left if change.tombstones is None else change.tombstones
        tables.append(change._replace(tombstones=kept))
    return record._replace(tables=(*tables, *gone.values()), commands=before.commands)
