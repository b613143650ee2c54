"""The segment log: one append-only run of frames a world, a manifest for all tables in each tick.

    <root>/segments/<number>-<first tick>.log     the ticks, each file readable by itself
    <root>/forks/<world id>/segments/...          the forks, and their forks
    <root>/store.lock                             held by the process that writes

Opening never writes. A segment that this process did not begin is never added to: the first tick
after opening begins a new one, which overrules whatever a crash left behind the last whole tick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.ecs.backend.base import (
    Birth,
    Capabilities,
    Compacted,
    Retained,
    restated,
    told_again,
)
from codeanatomy.ecs.backend.compaction import seal_segments
from codeanatomy.ecs.backend.durability import Durability
from codeanatomy.ecs.backend.retention import retention, thin_out
from codeanatomy.ecs.backend.stored import StoredBackend
from codeanatomy.ecs.backend.timeline import Timeline
from codeanatomy.ecs.backend.writer import FORKS, Writer
from codeanatomy.store.disk import Disk

if TYPE_CHECKING:
    from pathlib import Path

CAPABILITIES = Capabilities(
    backend="log", durable=True, deferred=True, retention=True, sealing=True
)


class LogBackend(StoredBackend):
    """The ticks of one world in segments, durable as the setting says."""

    capabilities = CAPABILITIES

    def __init__(
        self,
        folder: Path,
        setting: Durability | None = None,
        *,
        disk: Disk | None = None,
        codec: str = "",
        timeline: Timeline | None = None,
        parent: LogBackend | None = None,
    ) -> None:
        self._codec = codec
        self._parent = parent
        self._timeline = timeline or Timeline(folder)
        if timeline is None:
            self._timeline.load()
        disk = disk or Disk()
        self._writer = Writer(self._timeline, disk, codec)
        super().__init__(folder, setting or Durability(), disk, self._timeline, self._writer)

    def fork(self, tick: int, birth: Birth) -> LogBackend:
        """Share all ticks up to `tick`; nothing is written before the fork's first tick or flush.

        Large columns of an older tick are mapped, not read: the cost does not grow with the rows.
        """
        birth = birth._replace(ancestor_tick=tick)
        self._settle(tick)
        line = Timeline(self._forks() / birth.world_id)
        line.inherit(self._timeline, birth)
        branch = LogBackend(
            line.folder,
            self._setting,
            disk=self._disk,
            codec=self._codec,
            timeline=line,
            parent=self,
        )
        newest = self._state is not None and self._state.tick == tick
        branch._state = self._state if newest else self._timeline.state(tick, verify=False)
        return branch

    def flush(self) -> None:
        """Return when every tick is on the disk; a fork without ticks is there from now on."""
        if self._timeline.parent is not None and not self._timeline.begun():
            self._claim()
            if not self._group.waiting:
                state = self.last()
                record = told_again(self.record(state.tick), restated(state))
                self._writer.store((record,), sync=True)
        super().flush()

    def compact(self, to: str | None = None) -> Compacted:
        """Seal all ticks but the last into Parquet parts, in the world's folder or at `to`."""
        self._begin_anew()
        return seal_segments(self._timeline, self._disk, to)

    def retain(
        self, last: int | None = None, every: int | None = None, *, keyframes: bool = False
    ) -> Retained:
        """Give up the ticks that the rule does not keep; those that are kept are sealed."""
        rule = retention(last, every, keyframes=keyframes)
        whole = frozenset(found.first for found in self._timeline.named())
        self._begin_anew()
        line = self._timeline
        keep = rule.keeps(line.last, whole)
        before = len(line.readable())
        seal_segments(line, self._disk, keep=keep)
        if line.sealed is not None:
            thin_out(line.sealed, keep)
        after = len(line.readable())
        return Retained(after, before - after)

    def _begin_anew(self) -> None:
        """Let the last tick begin a segment, so that all before it can go."""
        self.flush()
        self._claim()
        line = self._timeline
        named = line.named()
        if named and named[-1].first < line.last:
            self._writer.store((line.record(line.last),), sync=True, anew=True)

    def _now(self) -> Timeline:
        return Timeline(self.folder)

    def _before_first_write(self) -> None:
        """See to it that a fork is never more durable than the ticks it shares."""
        if self._parent is not None:
            self.follow(self._parent, self._timeline.left)

    def _release(self) -> None:
        self._writer.close()
        super()._release()

    def _forks(self) -> Path:
        above = self.folder.parent
        return above if above.name == FORKS else self.folder / FORKS
