"""Results of coroutines for runs that are not asynchronous themselves."""

from __future__ import annotations

from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.run.events import Pending

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Generator
    from concurrent.futures import ThreadPoolExecutor

    from codeanatomy.workflow.run.events import Event, Signal


class Awaiter:
    """Waits for awaitables in an event loop of its own, made when the first one comes.

    Where a loop already runs in this thread (a notebook, a sync call inside async code) the own
    loop runs in a thread of its own.
    """

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None
        self._aside: ThreadPoolExecutor | None = None

    def result(self, awaitable: Awaitable[Any]) -> Any:  # noqa: ANN401 - whatever it gives
        """Wait, and give the result or raise what it raised."""
        home = _shared_loop()
        if home is not None:
            return _ask(home, awaitable)
        scope = copy_context()
        if _is_running_here():
            if self._aside is None:
                from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - rarely needed

                self._aside = ThreadPoolExecutor(1, thread_name_prefix="workflow-await")
            return self._aside.submit(self._run, awaitable, scope).result()
        return self._run(awaitable, scope)

    def close(self) -> None:
        """End the loop and its thread, where there are any."""
        runner, self._runner = self._runner, None
        aside, self._aside = self._aside, None
        if aside is not None:
            if runner is not None:
                aside.submit(runner.close).result()
            aside.shutdown()
        elif runner is not None:
            runner.close()

    def _run(self, awaitable: Awaitable[Any], scope: Context) -> Any:  # noqa: ANN401 - as above
        if self._runner is None:
            import asyncio  # noqa: PLC0415 - costs 30 ms, and most runs have no coroutine

            self._runner = asyncio.Runner()
        loop = self._runner.get_loop()
        return loop.run_until_complete(loop.create_task(_finish(awaitable), context=scope))


def wait(awaitable: Awaitable[Any]) -> Any:  # noqa: ANN401 - whatever it gives
    """Wait for one awaitable outside of any run."""
    awaiter = Awaiter()
    try:
        return awaiter.result(awaitable)
    finally:
        awaiter.close()


def settled(signals: Generator[Signal, Any, Any]) -> Generator[Event, None, Any]:
    """Pass on what a run tells, waiting for its coroutines; returns what the run returned."""
    awaiter: Awaiter | None = None
    try:
        signal = next(signals)
        while True:
            if signal.__class__ is Pending:
                awaiter = awaiter or Awaiter()
                signal = _answer(signals, awaiter, signal.awaitable)
            else:
                yield signal  # type: ignore[misc] # a Breath comes only where one was asked for
                signal = next(signals)
    except StopIteration as end:
        return end.value
    finally:
        signals.close()
        if awaiter is not None:
            awaiter.close()


def driven(signals: Generator[Signal, Any, Any], tell: Callable[[Event], None] | None) -> Any:  # noqa: ANN401 - what the run returned
    """Take a run to its end in this thread; `tell` hears what it tells."""
    events = settled(signals)
    try:
        while True:
            event = next(events)
            if tell is not None:
                tell(event)
    except StopIteration as end:
        return end.value
    finally:
        events.close()


def _answer(
    signals: Generator[Signal, Any, Any], awaiter: Awaiter, awaitable: Awaitable[Any]
) -> Signal:
    try:
        value = awaiter.result(awaitable)
    except Exception as error:  # noqa: BLE001 - it belongs to the node that gave the coroutine
        return signals.throw(error)
    return signals.send(value)


async def _finish(awaitable: Awaitable[Any]) -> Any:  # noqa: ANN401 - whatever it gives
    return await awaitable


def _ask(home: asyncio.AbstractEventLoop, awaitable: Awaitable[Any]) -> Any:  # noqa: ANN401 - as above
    import asyncio  # noqa: PLC0415 - loaded already: there is a loop

    return asyncio.run_coroutine_threadsafe(_finish(awaitable), home).result()


def _shared_loop() -> asyncio.AbstractEventLoop | None:
    """Find the loop that the branches of an asynchronous fan-out share, unless it runs here."""
    from codeanatomy.workflow.parallel.shared_loop import home  # noqa: PLC0415 - as above

    shared = home.get()
    return None if shared is None or (_running() is shared) else shared


def _is_running_here() -> bool:
    return _running() is not None


def _running() -> asyncio.AbstractEventLoop | None:
    import asyncio  # noqa: PLC0415 - there is a coroutine to be waited for

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
