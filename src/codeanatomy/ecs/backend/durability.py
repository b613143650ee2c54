"""When a tick is on the disk: the setting, and the thread that makes groups of ticks durable."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from codeanatomy.ecs.errors import FlushFailedError
from codeanatomy.kernel.errors import AnatomyError, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from codeanatomy.ecs.backend.base import TickRecord
    from codeanatomy.ecs.command import Command

SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "tick": "Each tick: `step` returns when its commit is on the disk.",
        "every 16 ticks": "Groups of so many ticks, written while the next group is made: a crash "
        "loses fewer than twice as many.",
        "every 50 ms": "The oldest tick that waits is never older than that when its write begins.",
        "end": "When the world is flushed or closed, and not before.",
    }
)
"""The settings as they are written (with any number), and what each promises."""

_WORDS = re.compile(r"every (\d+) ticks?|every (\d+(?:\.\d+)?) ms")
_MOST_BYTES = 128 << 20  # what may wait for the disk before the world waits, too


class Durability(NamedTuple):
    """The setting: each tick (1), every so many ticks or milliseconds, or only at the end (0)."""

    ticks: int = 1
    milliseconds: float = 0.0

    @property
    def deferred(self) -> bool:
        """Whether a step may return before its tick is on the disk."""
        return self.ticks != 1


def durability(text: str) -> Durability:
    """Read `tick`, `every 16 ticks`, `every 50 ms` or `end`; raises `SpecError` for all else."""
    if text in ("tick", "each tick", "every tick"):
        return Durability()
    if text in ("end", "at the end"):
        return Durability(0)
    found = _WORDS.fullmatch(text)
    if found and found[1] and int(found[1]):
        return Durability(int(found[1]))
    if found and found[2] and float(found[2]):
        return Durability(0, float(found[2]))
    raise SpecError(
        f"no durability {text!r}; write tick, every 16 ticks, every 50 ms, or end", durability=text
    )


class Undurable(NamedTuple):
    """A tick that is not on the disk yet: what it was told to do, and when it came (seconds)."""

    tick: int
    commands: tuple[Command, ...]
    at: float


class Store(Protocol):
    """What a group commit writes to."""

    def store(self, records: Sequence[TickRecord], *, sync: bool) -> None:
        """Write ticks in order, on the disk when it returns if `sync`; all or none of them."""

    def rewind(self, tick: int) -> None:
        """Forget what was written after `tick`: it may or may not be on the disk."""


class GroupCommit:
    """Takes ticks from the world and makes them durable in groups, off the world's thread.

    With `every k ticks` a group is written while the next one is made, and the world waits where
    it would be two groups ahead: a crash loses fewer than 2k ticks. With `every t ms` the oldest
    tick that waits is never older than that when its write begins.
    """

    def __init__(self, setting: Durability, store: Store, durable: int) -> None:
        self.setting = setting
        self.durable = durable
        self._written = durable
        self.store = store
        self._waiting: deque[TickRecord] = deque()
        self._since: deque[Undurable] = deque()
        self._bytes = 0
        self._flush = self._drain = self._closing = False
        self._failure: BaseException | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @property
    def last(self) -> int:
        """The last tick that was taken and not given up."""
        return self._since[-1].tick if self._since else self.durable

    @property
    def waiting(self) -> bool:
        """Whether a tick waits to be durable."""
        return bool(self._since)

    def commit(self, record: TickRecord) -> None:
        """Take a tick; a failure of an earlier group is raised, and this tick is not taken."""
        if not self.setting.deferred:
            self.store.store((record,), sync=True)
            self._written = self.durable = record.tick
            return
        with self._changed:
            self.check()
            self._waiting.append(record)
            self._since.append(Undurable(record.tick, record.commands, time.monotonic()))
            self._bytes += weight(record)
            self._begin()
            if self._due():
                self._changed.notify_all()
            while self._too_far(record.tick) and self._failure is None:
                self._changed.notify_all()
                self._changed.wait()

    def check(self) -> None:
        """Raise the failure of a flush, once; the store is then back at the last durable tick."""
        with self._changed:
            if self._failure is None:
                return
            failure, self._failure = self._failure, None
            lost = tuple(self._since)
            self._since.clear()
            self._waiting.clear()
            self._bytes = 0
            self._flush = self._drain = False
            self._written = self.durable
            self.store.rewind(self.durable)
        raise _told(failure, self.durable, lost) from failure

    def settle(self, tick: int) -> None:
        """Return when a tick can be read back, durable or not."""
        if self._written < tick:
            self._drain = True
            self._until(lambda: self._written >= tick)

    def reached(self, tick: int) -> BaseException | None:
        """Return when a tick is on the disk, or give what keeps it from that.

        A failure stays: it is for the world that made the tick to hear of it.
        """
        with self._changed:
            while self.durable < tick and self._failure is None and self._since:
                self._flush = True
                self._begin()
                self._changed.notify_all()
                self._changed.wait()
            return self._failure if self.durable < tick else None

    def flush(self) -> None:
        """Return when every tick is on the disk."""
        if self._since or self._failure is not None:
            self._flush = True
            self._until(lambda: not self._since)

    def close(self) -> None:
        """Flush, and end the thread; after a failure the thread is ended all the same."""
        try:
            self.flush()
        finally:
            with self._changed:
                self._closing = True
                self._changed.notify_all()
            if self._thread is not None:
                self._thread.join()
                self._thread = None

    def _until(self, done: Callable[[], bool]) -> None:
        with self._changed:
            self.check()
            while not done():
                self._begin()
                self._changed.notify_all()
                self._changed.wait()
                self.check()

    def _begin(self) -> None:
        if self._thread is None:
            self._closing = False
            self._thread = threading.Thread(target=self._work, name="group commit", daemon=True)
            self._thread.start()

    def _too_far(self, tick: int) -> bool:
        ticks = self.setting.ticks
        ahead = bool(ticks) and tick - self.durable >= 2 * ticks
        return ahead or self._bytes > _MOST_BYTES

    def _due(self) -> bool:
        """Say whether a group is to be made durable now."""
        if not self._since:
            return False
        if self._flush:
            return True
        if self.setting.ticks:
            return self._since[-1].tick - self.durable >= self.setting.ticks
        late = (time.monotonic() - self._since[0].at) * 1000 >= self.setting.milliseconds
        return bool(self.setting.milliseconds) and late

    def _work(self) -> None:
        while self._await_work():
            with self._changed:
                group, sync = tuple(self._waiting), self._due()
                self._waiting.clear()
                last, count = self._since[-1].tick, len(self._since)
                self._drain = False
            failure: BaseException | None = None
            try:
                self.store.store(group, sync=sync)
            except BaseException as error:  # noqa: BLE001 - raised again at the next call
                failure = error
            with self._changed:
                self._finished(group, last, count if sync else 0, failure)
                self._changed.notify_all()

    def _await_work(self) -> bool:
        with self._changed:
            while not self._closing:
                ready = self._due() or self._drain or self._bytes > _MOST_BYTES // 4
                if self._failure is None and ready and self._since:
                    return True
                self._changed.wait(self._patience())
            return False

    def _patience(self) -> float | None:
        if not self.setting.milliseconds or not self._since or self._failure is not None:
            return None
        return max(self._since[0].at + self.setting.milliseconds / 1000 - time.monotonic(), 0.0)

    def _finished(
        self,
        group: Sequence[TickRecord],
        last: int,
        synced: int,
        failure: BaseException | None,
    ) -> None:
        if failure is not None:
            self._failure = failure
            return
        self._bytes -= sum(map(weight, group))
        self._written = max(self._written, last)
        if synced:
            self.durable = last
            for _ in range(synced):
                self._since.popleft()
            self._flush = self._flush and bool(self._since)


def weight(record: TickRecord) -> int:
    """Give about how many bytes a tick brings."""
    total = 0
    for change in record.tables:
        total += sum(change.table.columns[name].nbytes for name in change.changed)
        total += change.table.entity_id.nbytes if change.entities_changed else 0
    return total


def _told(failure: BaseException, tick: int, lost: tuple[Undurable, ...]) -> Exception:
    if not isinstance(failure, AnatomyError | OSError):
        raise failure
    return FlushFailedError(
        f"{failure}; the world is back at tick {tick}, the last that is on the disk, and keeps the "
        f"commands of the {len(lost)} ticks since: free the way and step again",
        **{**getattr(failure, "facts", {}), "durable_tick": tick, "commands": lost},
    )
