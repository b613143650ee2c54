"""A line on standard error for every node that is done, with the time it took."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from codeanatomy.cli.tea.say import say
from codeanatomy.workflow.show.duration import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable

Event = dict[str, Any]


def emit_heartbeat(node: str, duration: float | None, failed: bool = False) -> None:  # noqa: FBT001, FBT002 - the promised helper
    """Say that a node is done, or failed, and how long it took (seconds)."""
    word = "FAILED" if failed else "done"
    say(f"[{node} {word} in {format_duration(duration)}]")


def parallel_branch_label(event: Event | str) -> str:
    """Name the branch of an event: `parallel:{branch}`."""
    branch = event if isinstance(event, str) else event.get("branch", event.get("node"))
    return f"parallel:{branch}"


class Stopwatch:
    """Takes the time of every node: when it began, how often, how long it took."""

    def __init__(self, on_start: Callable[[str], None] | None = None) -> None:
        self.took: dict[str, deque[float]] = {}
        self.on_start = on_start
        self.watching = False
        self._last = time.perf_counter()

    def watch(self, graph: Any) -> None:  # noqa: ANN401 - a StateGraph
        """Put a stopwatch around the functions of a graph's nodes."""
        self.watching = True
        nodes = graph.graph.nodes
        for name in nodes:
            run = nodes[name].get("run")
            if callable(run) and not hasattr(run, "graph"):
                nodes[name]["run"] = _timed(run, name, self)

    def lap(self, node: str) -> float:
        """Return how long the node took that is done now: seconds."""
        now = time.perf_counter()
        since, self._last = now - self._last, now
        times = self.took.get(node)
        return times.popleft() if times else since

    def begin(self, node: str) -> None:
        """Note that a node begins."""
        if self.on_start is not None:
            self.on_start(node)

    def end(self, node: str, seconds: float) -> None:
        """Note that a node is done."""
        self.took.setdefault(node, deque()).append(seconds)


def _timed(run: Callable[..., Any], name: str, watch: Stopwatch) -> Callable[..., Any]:
    import functools  # noqa: PLC0415 - only when nodes are timed
    import inspect  # noqa: PLC0415 - as above

    if inspect.iscoroutinefunction(run):

        @functools.wraps(run)
        async def awaited(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the node takes and gives
            watch.begin(name)
            began = time.perf_counter()
            try:
                return await run(*args, **kwargs)
            finally:
                watch.end(name, time.perf_counter() - began)

        return awaited

    @functools.wraps(run)
    def timed(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        watch.begin(name)
        began = time.perf_counter()
        try:
            return run(*args, **kwargs)
        finally:
            watch.end(name, time.perf_counter() - began)

    return timed
