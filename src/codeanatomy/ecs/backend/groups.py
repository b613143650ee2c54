"""The ticks of a world that lie in Parquet parts, as they can be read."""

from __future__ import annotations

from bisect import bisect_right
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from codeanatomy.ecs.backend import value
from codeanatomy.ecs.backend.base import Birth, TableChange, TickRecord
from codeanatomy.ecs.backend.parts import (
    EMPTY,
    TICKS,
    Group,
    Home,
    Rows,
    TickRows,
    number_of,
    read_group,
    read_rows,
    values_of,
)
from codeanatomy.ecs.errors import UnknownTickError
from codeanatomy.ecs.state import State
from codeanatomy.ecs.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from codeanatomy.ecs.backend.place import Place
    from codeanatomy.ecs.column import Column
    from codeanatomy.ecs.command import Command
    from codeanatomy.ecs.components import Component

_KEPT = 32  # groups whose description is kept


class NamedGroup(NamedTuple):
    """A group by its name: `first` is the first tick it counts for."""

    first: int
    number: int
    path: str


class Groups:
    """The ticks of one run of one world; later groups overrule the ends of earlier ones."""

    def __init__(
        self, place: Place, namespace: str, world: str = "", *, alone: bool = False
    ) -> None:
        self.place = place
        self.namespace = namespace
        self.world = world
        self.home: Home | None = None
        self.birth: Birth | None = None
        self.parent: Groups | None = None
        self.last = -1
        self._named: list[NamedGroup] = []
        self._kept: dict[str, Group] = {}
        self._alone = alone  # without the ticks of its parent
        self._guard = Lock()

    def load(self) -> None:
        """Find the world and its groups by their names; the newest is read."""
        self.home = self._find_home()
        if self.home is None:
            return
        self._named = []
        for found in self.all_named():
            self._overrule(found)
        if not self._named:
            return
        newest = self.group(self._named[-1].path)
        self.birth = Birth(*value.decode(newest.birth))
        self.last = newest.ticks[-1].tick
        ancestor = self.birth.ancestor
        if ancestor and self._named[0].first > 0 and not self._alone:
            self.parent = type(self)(self.place, self.namespace, ancestor)
            self.parent.load()

    def inherit(self, parent: Groups, birth: Birth) -> None:
        """Begin a fork, of which nothing is written yet."""
        self.parent, self.last = parent, birth.ancestor_tick or 0
        self.begin(birth)

    def begin(self, birth: Birth) -> None:
        """Know whose ticks these are to be."""
        self.birth = birth
        self.home = Home(self.place, self.namespace, birth.world_id, birth.run_id)

    def add(self, group: Group, path: str) -> None:
        """Take a group that was just written."""
        self._overrule(NamedGroup(group.ticks[0].tick, group.number, path))
        self._keep(path, group)
        self.last = group.ticks[-1].tick

    def changed(self, path: str, group: Group) -> None:
        """Know a group that was described anew."""
        self._keep(path, group)

    def dropped(self, path: str) -> None:
        """Stop counting a group that is gone."""
        self._named = [found for found in self._named if found.path != path]
        with self._guard:
            self._kept.pop(path, None)

    def parts_of(self, number: int) -> Iterator[str]:
        """Name the parts that lie there for a group."""
        return (part for part in self._parts() if number_of(part) == number)

    def begun(self) -> bool:
        """Say whether any tick was written for this world."""
        return bool(self._named)

    def all_named(self) -> list[NamedGroup]:
        """List all groups by number, those that are overruled too."""
        if self.home is None:
            return []
        folder = self.home.folder(TICKS)
        found = []
        for name in self.place.names(folder):
            number, _, first = name.removesuffix(".ticks").partition("-")
            if name.endswith(".ticks") and number.isdigit() and first.isdigit():
                found.append(NamedGroup(int(first), int(number), f"{folder}/{name}"))
        return found

    def next_number(self) -> int:
        """Give the number of the next group."""
        return max((found.number for found in self.all_named()), default=-1) + 1

    def strays(self) -> Iterator[str]:
        """Name the parts of this run that no group can have: a crash left them."""
        numbers = {found.number for found in self.all_named()}
        return (part for part in self._parts() if number_of(part) not in numbers)

    def _parts(self) -> Iterator[str]:
        if self.home is None:
            return
        for table in self.place.names(self.namespace):
            if not table.startswith("_") or table == EMPTY:
                folder = self.home.folder(table)
                for name in self.place.names(folder):
                    if name.startswith("part-"):
                        yield f"{folder}/{name}"

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
        return self.parent.first if self.parent is not None and own <= self.left + 1 else own

    def readable(self) -> Sequence[int]:
        """Give all ticks that can be read, as the groups say that count."""
        found: list[int] = []
        starts = [one.first for one in self._named[1:]] + [self.last + 1]
        for one, end in zip(self._named, starts, strict=True):
            found += [tick.tick for tick in self.group(one.path).ticks if tick.tick < end]
        if self.parent is not None:
            before = found[0] if found else self.last + 1
            shared = (t for t in self.parent.readable() if t <= self.left and t < before)
            found = [*shared, *found]
        whole = range(found[0], found[-1] + 1) if found else range(0)
        return whole if len(whole) == len(found) else found

    def find(self, tick: int) -> tuple[Group, TickRows]:
        """Find a tick; raises `UnknownTickError` for one that is not there."""
        if self.first <= tick <= self.last:
            own = self._named[0].first if self._named else self.last + 1
            if self.parent is not None and tick <= self.left and tick < own:
                return self.parent.find(tick)
            at = bisect_right(self._named, tick, key=lambda found: found.first) - 1
            group = self.group(self._named[at].path)
            for one in group.ticks:
                if one.tick == tick:
                    return group, one
        raise UnknownTickError(
            f"tick {tick} is not here; ticks {self.first} to {self.last} are, but for those that "
            "were given up",
            tick=tick,
            first=self.first,
            last=self.last,
        )

    def group(self, path: str) -> Group:
        """Give the description of a group."""
        with self._guard:
            found = self._kept.get(path)
        if found is None:
            found = read_group(self.place, path)
            self._keep(path, found)
        return found

    def state(self, tick: int, *, verify: bool = True) -> State:  # noqa: ARG002 - Parquet looks itself
        """Give the state after a tick."""
        group, one = self.find(tick)
        values = values_of(one)
        columns = _columns(group)
        tables = {
            rows.archetype: self._table((group, one.tick, rows), columns, active=True)
            for rows in one.tables
            if rows.rows
        }
        return State(
            tick,
            MappingProxyType(tables),
            one.next_id,
            one.sequence,
            values["reserved"],
            values["pending"],
            MappingProxyType(values["resources"]),
        )

    def record(self, tick: int) -> TickRecord:
        """Give what a tick committed; every column counts as changed, for all are stored."""
        group, one = self.find(tick)
        state = self.state(tick)
        columns = _columns(group)
        changes = tuple(
            TableChange(
                rows.archetype,
                table := state.tables.get(rows.archetype)
                or self._table((group, one.tick, rows), columns, active=True),
                frozenset(table.columns),
                entities_changed=True,
                tombstones=self._table((group, one.tick, rows), columns, active=False)
                if rows.dead
                else None,
            )
            for rows in one.tables
        )
        return TickRecord(
            tick,
            changes,
            state.next_id,
            state.sequence,
            state.reserved,
            state.pending,
            state.resources,
            values_of(one)["commands"],
            (),
            state,
        )

    def commands(self, tick: int) -> tuple[Command, ...]:
        """Give the commands that a tick applied."""
        found: tuple[Command, ...] = values_of(self.find(tick)[1])["commands"]
        return found

    def components(self, tick: int) -> tuple[Component, ...]:
        """Give the components that were known in the group of a tick."""
        found: tuple[Component, ...] = value.decode(self.find(tick)[0].components)
        return found

    def named(self) -> list[NamedGroup]:
        """Name the groups that count, oldest first."""
        return list(self._named)

    def mark(self) -> tuple[int, list[NamedGroup]]:
        """Give what `back` needs to undo all that comes."""
        return self.last, self._named

    def back(self, mark: tuple[int, list[NamedGroup]]) -> None:
        """Undo what came since a mark."""
        self.last, self._named = mark

    def rows(self, group: Group, tick: int, rows: Rows) -> pa.Table:  # noqa: ARG002 - other layouts need it
        """Read all rows of a table in a tick."""
        return read_rows(self.place, group.parts[rows.part], [rows.group])

    def _table(
        self,
        where: tuple[Group, int, Rows],
        columns: dict[str, tuple[Column, ...]],
        *,
        active: bool,
    ) -> Table:
        rows = where[2]
        found = self.rows(*where)
        if rows.dead:
            found = found.filter(found["is_active"] if active else _not(found["is_active"]))
        declared = [column for name in rows.archetype for column in columns[name]]
        arrays = {column.name: column.of_arrow(found[column.name]) for column in declared}
        ids = found["entity_id"].to_numpy().astype(np.int64, copy=False)
        ids.flags.writeable = False
        return Table(rows.archetype, ids, arrays)

    def _find_home(self) -> Home | None:
        """Find the folder of the world; without a name the one that is no fork."""
        folder = f"{self.namespace}/{TICKS}"
        for name in self.place.names(folder):
            world = name.removeprefix("world=")
            if not name.startswith("world=") or (self.world and world != self.world):
                continue
            for run in self.place.names(f"{folder}/{name}"):
                home = Home(self.place, self.namespace, world, run.removeprefix("run="))
                if self.world or self._is_root(home):
                    return home
        return None

    def _is_root(self, home: Home) -> bool:
        names = self.place.names(home.folder(TICKS))
        if not names:
            return False
        group = self.group(f"{home.folder(TICKS)}/{names[0]}")
        return Birth(*value.decode(group.birth)).ancestor_tick is None

    def _overrule(self, found: NamedGroup) -> None:
        self._named = [*(one for one in self._named if one.first < found.first), found]

    def _keep(self, path: str, group: Group) -> None:
        with self._guard:
            if len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[path] = group


def _columns(group: Group) -> dict[str, tuple[Column, ...]]:
    known: tuple[Component, ...] = value.decode(group.components)
    return {component.name: component.columns for component in known}


def _not(mask: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow.compute as pc  # noqa: PLC0415 - only tombstones need it

    return pc.invert(mask)
