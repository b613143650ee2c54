"""The segment log: one append-only run of frames a world, a manifest for all tables in each tick.

    <root>/segments/<number>-<first tick>.log     the ticks, each file readable by itself
    <root>/forks/<world id>/segments/...          the forks, their forks too
    <root>/store.lock                             held by the process that writes

Opening never writes. A segment that this process did not begin is never added to: the first tick
after opening begins a new one, which overrules whatever a crash left behind the last whole tick.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from codeanatomy.ecs.backend import frame as framing
from codeanatomy.ecs.backend import manifest, value
from codeanatomy.ecs.backend import segment as segments
from codeanatomy.ecs.backend.base import Backend, Birth, Capabilities, TickRecord
from codeanatomy.ecs.backend.durability import Durability, GroupCommit
from codeanatomy.ecs.backend.encoding import Layout, Placed, encode_tick
from codeanatomy.ecs.backend.manifest import SegmentHead
from codeanatomy.ecs.backend.segment import Content, Segment
from codeanatomy.ecs.backend.timeline import Named, Timeline, path_of
from codeanatomy.ecs.errors import WorldMovedError
from codeanatomy.ecs.state import State
from codeanatomy.store.disk import Disk
from codeanatomy.store.errors import StoreBusyError, StoreReadError, StoreWriteError
from codeanatomy.store.manifest import Lock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codeanatomy.ecs.backend.chunk import Chunk
    from codeanatomy.ecs.components import Component
    from codeanatomy.store.disk import Appender

CAPABILITIES = Capabilities(backend="log", durable=True, constant_read=True, shared_forks=True)

FORKS = "forks"
SEGMENT_BYTES = 64 << 20
SEGMENT_TICKS = 1024
_WHOLE_SHARE = 8  # a file is at least this many times what its first, whole tick takes


class LogBackend(Backend):
    """The ticks of one world in segments, durable as the setting says."""

    capabilities = CAPABILITIES

    def __init__(
        self,
        folder: Path,
        setting: Durability = Durability(),  # noqa: B008 - a frozen value
        *,
        disk: Disk | None = None,
        codec: str = "",
        timeline: Timeline | None = None,
        after: LogBackend | None = None,
    ) -> None:
        self.folder = folder
        self._disk = disk or Disk()
        self._codec = codec
        self._setting = setting
        self._lock: Lock | None = None
        self._pid = os.getpid()
        self._after = after
        self._timeline = timeline or Timeline(folder)
        if timeline is None:
            self._timeline.load()
        self._state: State | None = None
        self._writer = Writer(folder, self._timeline, self._disk, codec)
        self._group = GroupCommit(setting, self._writer, max(self._timeline.last, 0))

    @property
    def birth(self) -> Birth | None:
        """Who lives here."""
        return self._timeline.birth

    @property
    def durable_tick(self) -> int:
        """The last tick that would be there after a loss of power."""
        return self._group.durable

    def create(self, birth: Birth, components: tuple[Component, ...]) -> None:
        """Begin an empty world, durably."""
        self._claim()
        self._timeline.birth = birth
        self._writer.components = components
        self._writer.store((beginning(),), sync=True)

    def commit(self, record: TickRecord) -> None:
        """Take one tick; a record of the last tick takes its place."""
        self._claim()
        self._group.commit(record)
        self._state = record.state

    def last(self) -> State:
        """Give the state after the last tick."""
        if self._state is None:
            self._state = self.state(max(self._timeline.last, 0))
        return self._state

    def state(self, tick: int) -> State:
        """Give the state after a tick; its large columns lie in the mapped file."""
        if self._state is not None and tick == self._state.tick:
            return self._state
        if self._timeline.birth is None:
            return State()
        self._group.settle(min(tick, self._last()))
        return self._timeline.state(tick)

    def record(self, tick: int) -> TickRecord:
        """Give what a tick committed."""
        self._group.settle(min(tick, self._last()))
        return self._timeline.record(tick)

    def ticks(self) -> range:
        """Give the ticks that can be read."""
        return range(self._timeline.first, self._last() + 1)

    def components(self) -> tuple[Component, ...]:
        """Give the components this world has known."""
        if self._timeline.birth is None:
            return ()
        self._group.settle(self._last())
        return self._timeline.components(self._timeline.last)

    def fork(self, tick: int, birth: Birth) -> LogBackend:
        """Share all ticks up to `tick`; nothing is written before the fork's first tick or flush."""
        self._group.settle(min(tick, self._last()))
        self._timeline.find(tick)
        top = self.folder.parent if self.folder.parent.name == FORKS else self.folder / FORKS
        timeline = Timeline(top / birth.world_id)
        timeline.inherit(self._timeline, birth)
        branch = LogBackend(
            timeline.folder,
            self._setting,
            disk=self._disk,
            codec=self._codec,
            timeline=timeline,
            after=self,
        )
        if self._state is not None and self._state.tick == tick:
            branch._state = self._state  # noqa: SLF001 - its own kind
        return branch

    def check(self) -> None:
        """Raise the failure of a flush in the background, once; the last tick is then durable."""
        try:
            self._group.check()
        finally:
            self._back()

    def flush(self) -> None:
        """Return when every tick is on the disk."""
        try:
            if self._after is not None and self._writer.untouched:
                self._claim()
                self._writer.begin_fork(self.last())
            self._group.flush()
        finally:
            self._back()

    def close(self) -> None:
        """Flush, and let others write."""
        try:
            self.flush()
        finally:
            try:
                self._group.close()
            finally:
                self._writer.close()
                if self._lock is not None:
                    self._lock.__exit__(None, None, None)
                    self._lock = None

    def _last(self) -> int:
        return self._timeline.last if self._state is None else self._state.tick

    def _back(self) -> None:
        """Forget a state that was given up with its ticks."""
        if self._state is not None and self._state.tick > self._group.last:
            self._state = None

    def _claim(self) -> None:
        """Become the one who writes, before the first write."""
        if os.getpid() != self._pid:
            raise StoreBusyError(
                f"{self.folder} was opened by process {self._pid}; open it in this one",
                path=str(self.folder),
                pid=self._pid,
            )
        if self._lock is not None:
            return
        lock = Lock(self.folder, self._disk)
        lock.__enter__()
        try:
            self._unmoved()
        except BaseException:
            lock.__exit__(None, None, None)
            raise
        if self._after is not None:
            self._after._group.flush()  # noqa: SLF001 - a fork is never more durable than its parent
        self._lock = lock

    def _unmoved(self) -> None:
        now = Timeline(self.folder)
        now.load()
        if now.last > self._timeline.last or (now.birth and not self._timeline.birth):
            raise WorldMovedError(
                f"{self.folder} is at tick {now.last}, and was at {self._timeline.last} when it "
                "was opened here: another writer has gone on; open it again",
                path=str(self.folder),
                tick=now.last,
            )


class Writer:
    """Writes ticks to the newest segment, and begins the next one where that is full or broken."""

    def __init__(self, folder: Path, timeline: Timeline, disk: Disk, codec: str) -> None:
        self.components: tuple[Component, ...] = ()
        self._folder = folder
        self._timeline = timeline
        self._disk = disk
        self._codec = codec
        self._open: _OpenSegment | None = None
        self.untouched = True

    def store(self, records: Sequence[TickRecord], *, sync: bool) -> None:
        """Write ticks in order; all of them, or none that can be seen."""
        left = list(records)
        while left:
            if self._open is None or self._open.full:
                self._roll(left[0])
            assert self._open is not None  # noqa: S101 - for the type checker: it was rolled
            count = self._open.write(left, self._codec)
            self._timeline.last = left[count - 1].tick
            del left[:count]
        if sync and self._open is not None:
            try:
                self._open.sync(self._disk)
            except BaseException:
                self._open.broken = True
                raise

    def rewind(self, tick: int) -> None:
        """Let the next tick begin a new segment, which overrules all after `tick`."""
        if self._open is not None:
            self._open.abandon()
            self._open = None
        self._timeline.last = min(self._timeline.last, tick)
