"""One event loop on which the coroutine nodes of all branches of a fan-out run."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.workflow.parallel.home import home, reachable_home
from codeanatomy.workflow.parallel.walk import BranchCancelled
from codeanatomy.workflow.parallel.workers import WORKERS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from codeanatomy.workflow.parallel.cancel import CancellationToken
    from codeanatomy.workflow.parallel.walk import Call, CallElsewhere

    State = dict[str, Any]

__all__ = ["SharedLoop", "home"]

LOOK: Final = 0.05  # seconds between two looks at whether the branch was given up


class SharedLoop:
    """Awaits what nodes return: on the loop that is `home`, or else on one of its own.

    A branch that is given up is cancelled for real. `close` ends what still runs.
    """

    def __init__(self) -> None:
        self._loop = reachable_home()
        self._own = self._loop is None
        self._ended: threading.Event | None = None
        self._lock = threading.Lock()
        self._closed = False

    def caller(self, cancel: CancellationToken) -> CallElsewhere:
        """Give what calls the nodes of one branch; what can be awaited is awaited on the loop."""

        def call_here(_node: str, call: Call, state: State, config: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the node returns
            found = call(state, config)
            return self._await(found, cancel) if hasattr(found, "__await__") else found

        return call_here

    def close(self) -> None:
        """Cancel what is still awaited, and end a loop of our own."""
        with self._lock:
            self._closed = True
            loop = self._loop
        if self._own and loop is not None:
            loop.call_soon_threadsafe(loop.stop)
            if self._ended is not None:
                self._ended.wait(1.0)

    def _await(self, found: Any, cancel: CancellationToken) -> Any:  # noqa: ANN401 - something to await, and what comes of it
        future = asyncio.run_coroutine_threadsafe(_awaited(found), self._running(found))
        while True:
            try:
                return future.result(LOOK)
            except TimeoutError:
                if future.done():
                    raise  # it is what the node raised
                if cancel.is_cancelled():
                    future.cancel()
                    raise BranchCancelled from None
            except CancelledError as error:
                if self._closed:
                    raise BranchCancelled from error
                raise RuntimeError("the coroutine of the node was cancelled") from error

    def _running(self, found: Any) -> asyncio.AbstractEventLoop:  # noqa: ANN401 - something to await
        with self._lock:
            if self._closed:
                close = getattr(found, "close", None)
                if close is not None:
                    close()
                raise BranchCancelled
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._ended = threading.Event()
                WORKERS.start(self._live)
            return self._loop

    def _live(self) -> None:
        loop, ended = self._loop, self._ended
        if loop is None or ended is None:
            return
        try:
            asyncio.set_event_loop(loop)
            loop.run_forever()
            _cancel_all(loop)
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            asyncio.set_event_loop(None)
            loop.close()
            ended.set()


async def _awaited(found: Awaitable[Any]) -> Any:  # noqa: ANN401 - whatever comes of it
    return await found


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
