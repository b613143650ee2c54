"""The ticks of one log as they can be read: which segment holds which, and what a fork inherits."""

from __future__ import annotations

import os
from bisect import bisect_right
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.ecs.backend import segment as segments
from codeanatomy.ecs.backend import value
from codeanatomy.ecs.backend.base import Birth, TableChange, TickRecord
from codeanatomy.ecs.backend.encoding import ENTITY
from codeanatomy.ecs.backend.seal import open_sealed, read_seal
from codeanatomy.ecs.backend.segment import Segment, TornSegmentError
from codeanatomy.ecs.errors import UnknownTickError
from codeanatomy.ecs.state import State
from codeanatomy.ecs.table import NO_IDS, Table
from codeanatomy.store.disk import Disk
from codeanatomy.store.errors import StoreReadError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.arrays import Array
    from codeanatomy.ecs.backend.chunk import Chunk
    from codeanatomy.ecs.backend.groups import Groups
    from codeanatomy.ecs.backend.manifest import SegmentHead, TableHead, TickHead
    from codeanatomy.ecs.command import Command
    from codeanatomy.ecs.components import Component

_OPEN = 16  # segments that stay open for readers


class Named(NamedTuple):
    """A segment by its name: `first` is the first tick it counts for."""

    first: int
    number: int
    path: Path


class Located(NamedTuple):
    """A tick that was found: its segment, where its frame begins, what that says."""

    segment: Segment
    place: int
    head: TickHead


class Timeline:
    """The ticks below one folder; later segments overrule the ends of earlier ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.parent: Timeline | None = None
        self.sealed: Groups | None = None
        self.birth: Birth | None = None
        self.last = -1
        self._named: list[Named] = []
        self._open: dict[Path, Segment] = {}
        self._guard = Lock()

    def load(self) -> None:
        """Read what is there, the end of it checked; nothing is written."""
        self._named = []
        for found in named(self.folder):
            self._overrule(found)
        while self._named:
            newest = self._named[-1]
            head = self._recovered(newest)
            if head is not None:
                self._begin(head)
                return
            self._named = self._named[:-1]

    def inherit(self, parent: Timeline, birth: Birth) -> None:
        """Begin a fork, of which nothing is written yet."""
        self.parent, self.birth, self.last = parent, birth, birth.ancestor_tick or 0

    def begin(self, found: Named) -> None:
        """Take a new segment, whose ticks count from its first on."""
        self._overrule(found)

    def mark(self) -> tuple[int, list[Named]]:
        """Give what `back` needs to undo all that comes."""
        return self.last, self._named

    def back(self, mark: tuple[int, list[Named]]) -> None:
        """Undo what came since a mark."""
        self.last, self._named = mark

    def newest(self) -> Path | None:
        """Give the file of the newest segment."""
        return self._named[-1].path if self._named else None

    def begun(self) -> bool:
        """Say whether any tick was written below this folder."""
        return bool(self._named)

    def next_number(self) -> int:
        """Give the number of a segment that nobody used, not even one that was lost."""
        return max((found.number for found in named(self.folder)), default=-1) + 1

    @property
    def left(self) -> int:
        """The last tick that a fork shares with its parent; -1 for a world that is none."""
        if self.parent is None or self.birth is None or self.birth.ancestor_tick is None:
            return -1
        return self.birth.ancestor_tick

    @property
    def first(self) -> int:
        """The oldest tick that can be read."""
        own = self._named[0].first if self._named else self.last + 1
        if self.sealed is not None and self.sealed.begun():
            own = min(own, self.sealed.first)
        return self.parent.first if self.parent is not None and own <= self.left + 1 else own

    def ticks(self) -> range:
        """Give the ticks that can be read."""
        return range(self.first, self.last + 1)

    def readable(self) -> Sequence[int]:
        """Give all ticks that can be read; a range where none was given up."""
        parts = list(self.sealed.readable()) if self.sealed is not None else []
        end = parts[-1] if parts else -1
        own = next((found.first for found in self._named if found.first > end), self.last + 1)
        found = [*parts, *range(own, self.last + 1)]
        if self.parent is not None:
            before = found[0] if found else self.last + 1
            shared = (t for t in self.parent.readable() if t <= self.left and t < before)
            found = [*shared, *found]
        whole = range(found[0], found[-1] + 1)
        return whole if len(whole) == len(found) else found

    def find(self, tick: int) -> Located:
        """Find a tick in the segments; raises `UnknownTickError` for one that is not there."""
        if not self.first <= tick <= self.last:
            raise UnknownTickError(
                f"tick {tick} is not here; ticks {self.first} to {self.last} are",
                tick=tick,
                first=self.first,
                last=self.last,
            )
        if self.parent is not None and tick <= self.left and not self._has(tick):
            return self.parent.find(tick)
        at = bisect_right(self._named, tick, key=lambda found: found.first) - 1
        if at < 0:
            raise UnknownTickError(f"tick {tick} is in no segment any more", tick=tick)
        found = self.segment(self._named[at].path)
        place = found.places.get(tick)
        if place is None and self.sealed is not None and tick <= self.sealed.last:
            raise UnknownTickError(f"tick {tick} is in no segment any more", tick=tick)
        if place is None:
            raise StoreReadError(
                f"{found.path} ends before tick {tick}, which had been on the disk; restore the "
                "file from a copy",
                path=str(found.path),
                tick=tick,
            )
        return Located(found, place, found.at(place))

    def state(self, tick: int, *, verify: bool = True) -> State:
        """Give the state after a tick, its columns as they were."""
        other = self._elsewhere(tick)
        if other is not None:
            return other.state(tick, verify=verify)
        found = self.find(tick)
        where, _, head = found
        values = {chunk.name: chunk for chunk in head.values}
        tables = (self.table(own, t, verify=verify) for own, _, _, t in self.placed(found))
        return State(
            tick,
            MappingProxyType({t.archetype: t for t in tables if len(t)}),
            head.next_id,
            head.sequence,
            _ids(where, values.get("reserved")),
            self._value(where, values.get("pending")) or (),
            MappingProxyType(self._value(where, values.get("resources")) or {}),
        )

    def record(self, tick: int) -> TickRecord:
        """Give what a tick committed, as far as it can differ from the tick before."""
        other = self._elsewhere(tick)
        if other is not None:
            return other.record(tick)
        where, place, head = self.find(tick)
        state = self.state(tick)
        changes = tuple(self._change(where, place, t, state) for t in head.tables)
        told = {change.archetype for change in changes}
        same = tuple(
            TableChange(name, table, frozenset(), entities_changed=False, tombstones=None)
            for name, table in state.tables.items()
            if name not in told
        )
        return TickRecord(
            tick,
            (*changes, *same),
            state.next_id,
            state.sequence,
            state.reserved,
            state.pending,
            state.resources,
            self.commands(tick),
            (),
            state,
        )

    def commands(self, tick: int) -> tuple[Command, ...]:
        """Give the commands that a tick applied, in order."""
        other = self._elsewhere(tick)
        if other is not None:
            return other.commands(tick)
        where, _, head = self.find(tick)
        found = next((chunk for chunk in head.values if chunk.name == "commands"), None)
        return tuple(self._value(where, found) or ())

    def components(self, tick: int) -> tuple[Component, ...]:
        """Give the components that were known after a tick."""
        other = self._elsewhere(tick)
        if other is not None:
            return other.components(tick)
        where, _, head = self.find(tick)
        found = next((chunk for chunk in head.values if chunk.name == "components"), None)
        known: tuple[Component, ...] = (
            value.decode(where.head.components) if found is None else self._value(where, found)
        )
        return known

    def placed(self, found: Located) -> Iterator[tuple[Segment, int, int, TableHead]]:
        """Give every table of a tick: its segment, the place of its frame, its position there."""
        for position, table in enumerate(found.head.tables):
            yield found.segment, found.place, position, table
        for at in range(0, len(found.head.same), 3):
            file, place, position = found.head.same[at : at + 3]
            own = self.file(found.segment, file)
            yield own, place, position, own.at(place).tables[position]

    def file(self, where: Segment, number: int) -> Segment:
        """Give the segment that a number stands for in another one."""
        if number == 0:
            return where
        home = where.path.parent.parent
        return self.segment(Path(os.path.normpath(home / where.head.files[number - 1])))

    def segment(self, path: Path) -> Segment:
        """Give a segment, opened if need be."""
        with self._guard:
            found = self._open.get(path)
        if found is None:
            found = Segment(path)
            self.keep(found)
        return found

    def keep(self, found: Segment) -> None:
        """Keep a segment open, and forget one that was opened long ago."""
        with self._guard:
            if len(self._open) >= _OPEN:
                newest = self.newest()
                del self._open[next(path for path in self._open if path != newest)]
            self._open[found.path] = found

    def table(self, own: Segment, head: TableHead, *, verify: bool = True) -> Table:
        """Give the active rows of a table."""
        return self._rows(own, head.archetype, head.columns, verify=verify)

    def named(self) -> list[Named]:
        """Name the segments that count, oldest first."""
        return list(self._named)

    def forget(self, paths: set[Path]) -> None:
        """Stop counting segments that are about to go."""
        self._named = [found for found in self._named if found.path not in paths]
        for path in paths:
            self._open.pop(path, None)

    def _elsewhere(self, tick: int) -> Timeline | Groups | None:
        """Give who has a tick that these segments do not: the sealed parts, or the parent."""
        if self.sealed is not None and self.sealed.first <= tick <= self.sealed.last:
            return self.sealed
        shared = self.parent is not None and tick <= self.left
        return self.parent if shared and not self._has(tick) else None

    def _has(self, tick: int) -> bool:
        return bool(self._named) and self._named[0].first <= tick

    def _change(self, where: Segment, place: int, head: TableHead, state: State) -> TableChange:
        fresh = {c.name for c in head.columns if c.file == 0 and c.at > place}
        gone = self._rows(where, head.archetype, head.tombstones) if head.dead else None
        return TableChange(
            head.archetype,
            state.tables.get(head.archetype) or self.table(where, head),
            frozenset(fresh - {ENTITY}),
            ENTITY in fresh,
            gone,
        )

    def _rows(
        self,
        own: Segment,
        archetype: Archetype,
        columns: tuple[Chunk, ...],
        *,
        verify: bool = True,
    ) -> Table:
        arrays = {c.name: self.file(own, c.file).array(c, verify=verify) for c in columns}
        ids = arrays.pop(ENTITY)
        return Table(archetype, ids, arrays)

    def _value(self, where: Segment, chunk: Chunk | None) -> Any:  # noqa: ANN401 - whatever was stored
        return None if chunk is None else value.decode(self.file(where, chunk.file).bytes(chunk))

    def _recovered(self, newest: Named) -> SegmentHead | None:
        """Open the newest segment, its end checked; None if no tick of it is whole."""
        try:
            found = Segment(newest.path, verify=True)
        except TornSegmentError:
            return None
        if not found.places:
            return None
        self.keep(found)
        self.last = max(found.places)
        return found.head

    def _begin(self, head: SegmentHead) -> None:
        self.birth = Birth(*value.decode(head.birth))
        if head.parent:
            self.parent = Timeline(Path(os.path.normpath(self.folder / head.parent)))
            self.parent.load()
        seal = read_seal(self.folder)
        if seal is not None:
            self.sealed = open_sealed(self.folder, seal, self.birth.world_id, Disk())

    def _overrule(self, found: Named) -> None:
        kept = [one for one in self._named if one.first < found.first]
        self._named = [*kept, found]


def named(folder: Path) -> list[Named]:
    """List the segments of a folder by number, whatever is in them."""
    place = folder / segments.FOLDER
    if not place.is_dir():
        return []
    found = []
    for path in sorted(place.iterdir()):
        number, _, first = path.stem.partition("-")
        if path.suffix == ".log" and number.isdigit() and first.isdigit():
            found.append(Named(int(first), int(number), path))
    return found


def path_of(folder: Path, number: int, first: int) -> Path:
    """Name a segment: its number, and the first tick that it counts for."""
    return folder / segments.FOLDER / f"{number:08d}-{first:012d}.log"


def _ids(where: Segment, chunk: Chunk | None) -> Array:
    return NO_IDS if chunk is None else where.array(chunk)
