"""The few things a journal asks of a database; `?` stands for a value, typed for who needs it.

`?i` is a whole number, `?r` a real one, `?t` a text, `?b` bytes. A write is one transaction and is
kept when `write` or the `transaction` returns: a process that is killed then loses nothing of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

Row = tuple[Any, ...]


class Execute(Protocol):
    """Run one statement inside a transaction."""

    def __call__(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Return the rows it gives."""


class Database(ABC):
    """Where a journal lives."""

    uri: str
    private = False
    """Nobody else can reach it: leases need no heartbeat."""

    observer: Callable[[str], None] | None = None
    """Hears `before:NAME` and `after:NAME` around each write, and around its commit."""

    @abstractmethod
    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Read."""

    @abstractmethod
    def write(self, name: str, sql: str, values: Sequence[object]) -> int:
        """Run one statement as a transaction of its own; return how many rows it touched."""

    @abstractmethod
    def transaction(self, name: str) -> AbstractContextManager[Execute]:
        """Run several statements as one; other writers wait."""

    @abstractmethod
    def settle(self) -> None:
        """Return when all that is written would survive a loss of power."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it; a closed database opens itself again when it is used."""

    def heard(self, moment: str) -> None:
        """Tell the observer."""
        if self.observer is not None:
            self.observer(moment)
