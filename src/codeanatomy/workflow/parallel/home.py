"""The event loop of an asynchronous run, where its coroutines are awaited from any thread."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

home: Final[ContextVar[AbstractEventLoop | None]] = ContextVar("home", default=None)


def reachable_home() -> AbstractEventLoop | None:
    """Return the loop, unless it runs in this thread: then it waits for what is done here."""
    loop = home.get()
    if loop is None:
        return None
    import asyncio  # noqa: PLC0415 - loaded already: there is a loop

    try:
        return None if asyncio.get_running_loop() is loop else loop
    except RuntimeError:
        return loop
