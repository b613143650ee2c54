"""Stores that fail when they are told to: real ones in memory, with a disk that is full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.ecs.backend.memory import MemoryBackend
from codeanatomy.ecs.errors import FlushFailedError

if TYPE_CHECKING:
    from codeanatomy.ecs.backend.base import TickRecord
    from codeanatomy.ecs.state import State


class Full(MemoryBackend):
    """A store that cannot take the next tick when it is `full`; then it can again."""

    full = False

    def commit(self, record: TickRecord) -> None:
        """Commit, or fail once."""
        if self.full:
            self.full = False
            raise OSError(28, "No space left on device")
        super().commit(record)


class Deferred(MemoryBackend):
    """A store whose ticks become durable when it flushes; when it is `full`, a flush failed."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False
        self.kept = 0

    @property
    def durable_tick(self) -> int:
        """The last flushed tick."""
        return self.kept

    def last(self) -> State:
        """Give the last flushed state."""
        return self.state(self.kept)

    def commit(self, record: TickRecord) -> None:
        """Take a tick; fail if an earlier one could not be flushed."""
        self.check()
        super().commit(record)

    def flush(self) -> None:
        """Make all durable."""
        self.check()
        self.kept = self._last

    def check(self) -> None:
        """Raise what the last flush raised."""
        if self.full:
            self.full = False
            self._records = {t: r for t, r in self._records.items() if t <= self.kept}
            self._last = self.kept
            raise FlushFailedError("No space left on device", durable_tick=self.kept)
