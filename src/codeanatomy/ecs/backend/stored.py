"""What all stores on a disk share: who may write, when ticks are durable, and the last state."""

from __future__ import annotations

import os
from abc import abstractmethod
from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

from codeanatomy.ecs.backend.base import Backend, Birth, TickRecord, restated, told_again
from codeanatomy.ecs.backend.durability import Durability, GroupCommit, Store
from codeanatomy.ecs.errors import WorldMovedError
from codeanatomy.ecs.state import State
from codeanatomy.store.errors import StoreBusyError, StoreWriteError
from codeanatomy.store.manifest import Lock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codeanatomy.ecs.command import Command
    from codeanatomy.ecs.components import Component
    from codeanatomy.store.disk import Disk


class History(Protocol):
    """The ticks of one world as they can be read; `last` is -1 where there is no world."""

    birth: Birth | None
    last: int

    @property
    def first(self) -> int:
        """The oldest tick that can be read."""

    def load(self) -> None:
        """Read what is there; nothing is written."""

    def readable(self) -> Sequence[int]:
        """Give all ticks that can be read."""

    def state(self, tick: int) -> State:
        """Give the state after a tick."""

    def record(self, tick: int) -> TickRecord:
        """Give what a tick committed."""

    def commands(self, tick: int) -> tuple[Command, ...]:
        """Give the commands that a tick applied."""

    def components(self, tick: int) -> tuple[Component, ...]:
        """Give the components that were known after a tick."""


class StoredBackend(Backend):
    """A world whose ticks survive the process; one process writes, any number read."""

    def __init__(
        self, folder: Path, setting: Durability, disk: Disk, history: History, writer: Store
    ) -> None:
        self.folder = folder
        self._setting = setting
        self._disk = disk
        self._history = history
        self._pid = os.getpid()
        self._lock: ExitStack | None = None
        self._state: State | None = None
        self._group = GroupCommit(setting, writer, max(history.last, 0))

    @property
    def birth(self) -> Birth | None:
        """Who lives here."""
        return self._history.birth

    @property
    def durable_tick(self) -> int:
        """The last tick that would be there after a loss of power."""
        return self._group.durable

    def create(self, birth: Birth, components: tuple[Component, ...]) -> None:
        """Begin an empty world, durably."""
        self._claim()
        self._history.birth = birth
        record = restated(State(), components)
        try:
            self._group.store.store((record,), sync=True)
        except BaseException:
            self._history.birth = None
            raise
        self._state = record.state

    def commit(self, record: TickRecord) -> None:
        """Take one tick; a record of the last one tells what waits after it anew."""
        self._claim()
        if record.tick == self._last() and record.tick:
            record = told_again(self.record(record.tick), record)
        try:
            self._group.commit(record)
        except BaseException:
            self._back()
            raise
        self._state = record.state

    def last(self) -> State:
        """Give the state after the last tick."""
        if self._state is None:
            self._state = self.state(max(self._history.last, 0))
        return self._state

    def state(self, tick: int) -> State:
        """Give the state after a tick."""
        if self._state is not None and tick == self._state.tick:
            return self._state
        if self._history.birth is None:
            return State()
        self._settle(tick)
        return self._history.state(tick)

    def record(self, tick: int) -> TickRecord:
        """Give what a tick committed."""
        self._settle(tick)
        return self._history.record(tick)

    def commands(self, tick: int) -> tuple[Command, ...]:
        """Give the commands a tick applied, in order."""
        self._settle(tick)
        return self._history.commands(tick)

    def ticks(self) -> range:
        """Give the ticks that can be read."""
        return range(self._history.first, self._last() + 1)

    def held(self) -> Sequence[int]:
        """Give the ticks that can be read, without those that were given up."""
        self._settle(self._last())
        return self._history.readable()

    def components(self) -> tuple[Component, ...]:
        """Give the components this world has known."""
        if self._history.birth is None:
            return ()
        self._settle(self._last())
        return self._history.components(self._history.last)

    def check(self) -> None:
        """Raise the failure of a flush in the background, once; the last tick is then durable."""
        try:
            self._group.check()
        finally:
            self._back()

    def flush(self) -> None:
        """Return when every tick is on the disk."""
        try:
            self._group.flush()
        finally:
            self._back()

    def close(self) -> None:
        """Flush, and let others write; what cannot be flushed is raised and lost."""
        try:
            self.flush()
        finally:
            try:
                self._group.close()
            finally:
                self._release()

    def follow(self, parent: StoredBackend, tick: int) -> None:
        """Wait until the ticks that a fork shares are on the disk: it is never more durable.

        Raises `StoreWriteError` if they cannot be; the parent hears of it by itself.
        """
        failure = parent._group.reached(tick)
        if parent.durable_tick < tick:
            raise StoreWriteError(
                f"tick {tick}, which this fork left, is not on the disk: "
                f"{failure or 'its world went back before it'}; fork again from a durable tick",
                tick=tick,
                durable_tick=parent.durable_tick,
            ) from failure

    @abstractmethod
    def _now(self) -> History:
        """Read anew what is in the folder."""

    def _before_first_write(self) -> None:
        """Do what the first write of this process depends on."""

    def _locked_at(self) -> Path | None:
        """Give the folder whose lock fences off a second writer; none where there are no locks."""
        return self.folder

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _settle(self, tick: int) -> None:
        self._group.settle(min(tick, self._last()))

    def _last(self) -> int:
        return self._history.last if self._state is None else self._state.tick

    def _back(self) -> None:
        """Forget a state that was given up with its tick."""
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
        with ExitStack() as locked:
            folder = self._locked_at()
            if folder is not None:
                locked.enter_context(Lock(folder, self._disk))
            self._unmoved()
            self._before_first_write()
            self._lock = locked.pop_all()

    def _unmoved(self) -> None:
        """Refuse to write over what another writer did since this world was opened."""
        now = self._now()
        now.load()
        if now.last > self._history.last or (now.birth and not self._history.birth):
            raise WorldMovedError(
                f"{self.folder} is at tick {now.last}, and was at {self._history.last} when it "
                "was opened here: another writer has gone on; open it again",
                path=str(self.folder),
                tick=now.last,
            )
