"""The door of a world: one thread at a time, and nobody from inside one of its processors."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from threading import RLock
from typing import TYPE_CHECKING

from codeanatomy.ecs.errors import InsideProcessorError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

# the doors behind which this task runs as a processor; tasks of async processors inherit it
_BEHIND: ContextVar[frozenset[int]] = ContextVar("behind", default=frozenset())


class Door:
    """A lock that refuses processors before it waits: waiting for their own world would hang."""

    def __init__(self) -> None:
        self._lock = RLock()

    def __enter__(self) -> None:
        self.refuse_processors()
        self._lock.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()

    def refuse_processors(self) -> None:
        """Raise `InsideProcessorError` when a processor of this world is what asks."""
        if id(self) in _BEHIND.get():
            raise InsideProcessorError(
                "a processor cannot change its world directly; use visit.commands and "
                "visit.resources"
            )

    @contextmanager
    def processors_run(self) -> Iterator[None]:
        """Say that processors of this world run until the end of the block."""
        token = _BEHIND.set(_BEHIND.get() | {id(self)})
        try:
            yield
        finally:
            _BEHIND.reset(token)
