"""Runs inside an event loop: coroutines are awaited there, everything else goes to a thread."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.parallel.shared_loop import home
from codeanatomy.workflow.run.course import course
from codeanatomy.workflow.run.events import Breath, Pending
from codeanatomy.workflow.run.views import in_invoke, in_stream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Mapping
    from contextvars import Context

    from codeanatomy.workflow.run.events import Signal
    from codeanatomy.workflow.runnable import Runnable

    Told = dict[str, Any]
    Input = dict[str, Any] | None

_OVER: Any = object()


async def ainvoke(
    graph: Runnable, input_state: Input, config: Mapping[str, Any] | None, checkpoint: str | None
) -> AsyncIterator[Told]:
    """Yield what `invoke` yields."""
    signals = course(graph, input_state, config, checkpoint, view="invoke", breathing=True)
    async for told in _told(signals, in_invoke):
        yield told


async def astream(
    graph: Runnable, input_state: Input, config: Mapping[str, Any] | None, checkpoint: str | None
) -> AsyncIterator[Told]:
    """Yield what `stream` yields."""
    signals = course(graph, input_state, config, checkpoint, view="stream", breathing=True)
    async for told in _told(signals, in_stream):
        yield told


async def _told(
    signals: Generator[Signal, Any, Any], view: Callable[[Signal], Told | None]
) -> AsyncIterator[Told]:
    scope = copy_context()  # one for the whole run: a variable set in a node is seen by the next
    scope.run(home.set, asyncio.get_running_loop())
    course_in_threads = _Course(signals, scope)
    try:
        signal = await course_in_threads.go_on()
        while signal is not _OVER:
            if isinstance(signal, Pending):
                signal = await course_in_threads.answer(signal)
                continue
            told = None if isinstance(signal, Breath) else view(signal)
            if told is not None:
                yield told
            signal = await course_in_threads.go_on()
    finally:
        await course_in_threads.close()


class _Course:
    """A run whose every piece of work happens in a thread, one after the other."""

    def __init__(self, signals: Generator[Signal, Any, Any], scope: Context) -> None:
        self._signals = signals
        self._scope = scope
        self._work: asyncio.Future[Any] | None = None

    async def go_on(self) -> Any:  # noqa: ANN401 - a signal, or _OVER
        return await self._aside(self._signals.send, None)

    async def answer(self, pending: Pending) -> Any:  # noqa: ANN401 - as above
        """Await what the run waits for, in its context, and give it what came of it."""
        task = asyncio.get_running_loop().create_task(_finish(pending), context=self._scope)
        try:
            value = await task
        except Exception as error:  # noqa: BLE001 - it belongs to the node that gave the coroutine
            return await self._aside(self._signals.throw, error)
        return await self._aside(self._signals.send, value)

    async def close(self) -> None:
        """Let the piece of work in progress end, then close the run."""
        if self._work is not None and not self._work.done():
            await asyncio.wait([self._work])
            self._work.exception()  # nobody waits for it any more
        await asyncio.to_thread(self._scope.run, self._signals.close)

    async def _aside(self, work: Callable[..., Any], *args: Any) -> Any:  # noqa: ANN401 - as above
        running = asyncio.get_running_loop()
        self._work = running.run_in_executor(None, self._scope.run, _step, work, *args)
        return await asyncio.shield(self._work)


def _step(work: Callable[..., Any], *args: Any) -> Any:  # noqa: ANN401 - a signal, or _OVER
    try:
        return work(*args)
    except StopIteration:
        return _OVER


async def _finish(pending: Pending) -> Any:  # noqa: ANN401 - whatever it gives
    return await pending.awaitable
