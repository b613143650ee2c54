"""The interchange store: full rows of every tick in append-only Parquet, on a disk or anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from codeanatomy.ecs.backend.base import Birth, Capabilities, Retained, known, restated, told_again
from codeanatomy.ecs.backend.durability import Durability
from codeanatomy.ecs.backend.groups import Groups
from codeanatomy.ecs.backend.parts import NAMESPACE, write_group
from codeanatomy.ecs.backend.retention import retention, thin_out
from codeanatomy.ecs.backend.stored import StoredBackend
from codeanatomy.store.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codeanatomy.ecs.backend.base import TickRecord
    from codeanatomy.ecs.backend.parts import Group, Home
    from codeanatomy.ecs.backend.place import Place
    from codeanatomy.ecs.components import Component

CAPABILITIES = Capabilities(
    backend="parquet", durable=True, deferred=True, retention=True, remote=True
)


class ParquetBackend(StoredBackend):
    """The ticks of one world as Parquet parts, a group of ticks at a time."""

    capabilities = CAPABILITIES

    def __init__(
        self,
        place: Place,
        setting: Durability | None = None,
        *,
        disk: Disk | None = None,
        namespace: str = NAMESPACE,
        world: str = "",
        codec: str = "zstd",
        groups: Groups | None = None,
        parent: ParquetBackend | None = None,
    ) -> None:
        disk = disk or Disk()
        self._place = place
        self._codec = codec
        self._parent = parent
        self._groups = groups or self._history_of(place, namespace, world)
        if groups is None:
            self._groups.load()
        self._writer = self._writer_of(self._groups, disk)
        folder = place.local or Path()
        super().__init__(folder, setting or Durability(), disk, self._groups, self._writer)

    def fork(self, tick: int, birth: Birth) -> ParquetBackend:
        """Share all ticks up to `tick`; nothing is written before its first tick or flush."""
        self._settle(tick)
        self._groups.find(tick)
        groups = self._history_of(self._place, self._groups.namespace, birth.world_id)
        groups.inherit(self._groups, birth._replace(ancestor_tick=tick))
        branch = type(self)(
            self._place,
            self._setting,
            disk=self._disk,
            codec=self._codec,
            groups=groups,
            parent=self,
        )
        if self._state is not None and self._state.tick == tick:
            branch._state = self._state  # noqa: SLF001 - its own kind
        return branch

    def flush(self) -> None:
        """Return when every tick is on the disk; a fork without ticks is there from now on."""
        if self._groups.parent is not None and not self._groups.begun():
            self._claim()
            if not self._group.waiting:
                state = self.last()
                record = told_again(self.record(state.tick), restated(state))
                self._writer.store((record,), sync=True)
        super().flush()

    def retain(
        self, last: int | None = None, every: int | None = None, *, keyframes: bool = False
    ) -> Retained:
        """Give up the ticks that the rule does not keep; every tick is a keyframe here."""
        rule = retention(last, every, keyframes=keyframes)
        self.flush()
        self._claim()
        whole = frozenset(self.ticks())
        dropped = thin_out(self._groups, rule.keeps(self._last(), whole))
        return Retained(len(self._groups.readable()), dropped)

    def _now(self) -> Groups:
        birth = self._groups.birth
        world = birth.world_id if birth else self._groups.world
        return self._history_of(self._place, self._groups.namespace, world)

    def _history_of(self, place: Place, namespace: str, world: str) -> Groups:
        return Groups(place, namespace, world)

    def _writer_of(self, groups: Groups, disk: Disk) -> PartWriter:  # noqa: ARG002 - places know their disk
        return PartWriter(groups, self._codec)

    def _locked_at(self) -> Path | None:
        if self._place.local is None:
            return None
        birth = self._groups.birth
        own = f"world={birth.world_id}" if birth and self._parent else "world"
        return self._place.local / self._groups.namespace / "_locks" / own

    def _before_first_write(self) -> None:
        """See to it that a fork's past is durable, and that no lost part looks like rows."""
        if self._parent is not None:
            self.follow(self._parent, self._groups.left)
        for stray in self._groups.strays():
            self._place.remove(stray)


class PartWriter:
    """Adds groups; a group that fails leaves nothing behind that anybody sees."""

    def __init__(self, groups: Groups, codec: str) -> None:
        self._groups = groups
        self._codec = codec
        self._next = 0

    def store(self, records: Sequence[TickRecord], *, sync: bool) -> None:  # noqa: ARG002 - a file is durable or not there
        """Write ticks as one group."""
        groups, home, birth = self._groups, self._groups.home, self._groups.birth
        if birth is None or not records:
            return
        if home is None:
            groups.begin(birth)
            home = groups.home
        assert home is not None  # noqa: S101 - for the type checker: it was begun
        before = groups.components(groups.last) if groups.last >= 0 else ()
        components = known(before, (c for record in records for c in record.components))
        number = max(groups.next_number(), self._next)
        self._next = number + 1  # a number that failed is never used again
        group = self.write(home, records, number, birth, components)
        groups.add(group, home.group(number, records[0].tick))

    def write(
        self,
        home: Home,
        records: Sequence[TickRecord],
        number: int,
        birth: Birth,
        components: Sequence[Component],
    ) -> Group:
        """Write ticks as one group, all of it or nothing."""
        return write_group(home, records, number, birth, components, self._codec)

    def rewind(self, tick: int) -> None:
        """Let the next group overrule all after `tick`."""
        self._groups.last = tick
