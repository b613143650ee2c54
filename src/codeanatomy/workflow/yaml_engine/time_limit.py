"""The `timeout` of a node: whoever waits goes on when the time is over.

A thread cannot be killed: what the node was doing goes on beside the run until it calls the next
action, which it may not any more.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar, copy_context
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.errors import NodeTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    State = dict[str, Any]
    Run = Callable[..., Any]


def limited(run: Run, node: Mapping[str, Any], where: str) -> Run:
    """Return the function of a node with the time limit that the node declares, if any.

    Raises `NodeTimeoutError`, a TimeoutError, when the time is over.
    """
    seconds = node.get("timeout")
    if seconds is None:
        return run
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise SpecError(
            f"Node '{where}': timeout is a number of seconds above 0, got {seconds!r}", node=where
        )
    if callable(node.get("run")):
        return wraps(run)(
            lambda *given, **named: _within(seconds, where, partial(run, *given, **named))
        )

    def timed(state: State, config: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - what the node gives
        own = dict(state)  # nobody waits for a late node, so it is not to change the run's state
        found = _within(seconds, where, partial(run, own, config))
        state.clear()
        state.update(own)
        return found

    return timed


def check_time() -> None:
    """Raise where the node that runs here has been given up."""
    for over, text in _LIMITS.get():
        if over.is_set():
            raise NodeTimeoutError(text)


def _within(seconds: float, where: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the node gives
    over, done = threading.Event(), threading.Event()
    text = f"Node '{where}' timed out after {seconds}s"
    ended: dict[str, Any] = {}

    def work() -> None:
        _LIMITS.set((*_LIMITS.get(), (over, text)))
        try:
            found = call()
            ended["result"] = _awaited(found) if hasattr(found, "__await__") else found
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            ended["error"] = error
        finally:
            done.set()

    scope = copy_context()
    threading.Thread(target=scope.run, args=(work,), name=f"node {where}", daemon=True).start()
    if not done.wait(seconds):
        over.set()
        raise NodeTimeoutError(text, node=where, seconds=seconds)
    if "error" in ended:
        raise ended["error"]
    return ended["result"]


def _awaited(found: Any) -> Any:  # noqa: ANN401 - as above
    from codeanatomy.workflow.run.awaiting import wait  # noqa: PLC0415 - brings asyncio

    return wait(found)


_LIMITS: ContextVar[tuple[tuple[threading.Event, str], ...]] = ContextVar("node_limits", default=())
