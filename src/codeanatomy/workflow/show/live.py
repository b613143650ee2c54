"""A live view of a run in a terminal: nodes, branches, times, repeated attempts."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from codeanatomy.workflow.show.duration import format_duration
from codeanatomy.workflow.show.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from rich.live import Live
    from rich.table import Table

Event = dict[str, Any]

ROWS = 30  # of nodes that are done; older ones scroll away


class LiveRun:
    """Rows of a table that is redrawn; `started` and `heard` may be called from any thread."""

    def __init__(self, title: str, console: Any = None) -> None:  # noqa: ANN401 - a console of rich
        self.title = title
        self.began = time.perf_counter()
        self.done: list[tuple[str, str, str, float, int]] = []  # mark, node, branch, took, tries
        self.running: dict[str, tuple[float, int]] = {}  # node -> began, tries
        self.status = "running"
        self._console = console
        self._live: Live | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        from rich.live import Live  # noqa: PLC0415 - only for a live view

        self._live = Live(
            get_renderable=self.table, console=self._console, refresh_per_second=8, transient=False
        )
        self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.__exit__(kind, error, trace)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to somebody else for a while."""
        if self._live is not None:
            self._live.stop()
        yield
        if self._live is not None:
            self._live.start()

    def started(self, node: str) -> None:
        """Show that a node runs; a node that is running already is tried once more."""
        with self._lock:
            began, tries = self.running.get(node, (time.perf_counter(), 0))
            self.running[node] = (began, tries + 1)

    def heard(self, event: Event) -> None:
        """Show what an event says."""
        kind = event["type"]
        with self._lock:
            if kind in _MARKS:
                node = str(event.get("node"))
                began, tries = self.running.pop(node, (time.perf_counter(), 1))
                took = time.perf_counter() - began
                branch = str(event.get("branch") or "")
                self.done.append((_MARKS[kind], node, branch, took, max(tries, 1)))
                del self.done[:-ROWS]
            self.status = _STATUS.get(kind, self.status)

    def table(self) -> Table:
        """Draw the rows as they are now."""
        from rich import box  # noqa: PLC0415 - only for a live view
        from rich.table import Table  # noqa: PLC0415 - as above

        took = format_duration(time.perf_counter() - self.began)
        title = f"{_plain(self.title)} · {self.status} · {took}"
        table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
        for head, side in (("", "left"), ("node", "left"), ("branch", "left")):
            table.add_column(head, justify=side)  # type: ignore[arg-type]  # one of the four words
        table.add_column("time", justify="right")
        table.add_column("attempts", justify="right")
        with self._lock:
            for mark, node, branch, seconds, tries in self.done:
                style = "red" if mark == "✗" else "green"
                table.add_row(
                    f"[{style}]{mark}[/]", _plain(node), _plain(branch),
                    format_duration(seconds), str(tries) if tries > 1 else "",
                )  # fmt: skip
            for node, (began, tries) in self.running.items():
                seconds = time.perf_counter() - began
                table.add_row(
                    "[cyan]*[/]", _plain(node), "", format_duration(seconds),
                    str(tries) if tries > 1 else "",
                )  # fmt: skip
        return table


_MARKS = {"state": "✓", "parallel_state": "✓", "error": "✗", "parallel_error": "✗"}
_STATUS = {
    "final": "completed",
    "error": "failed",
    "interrupt_before": "waiting",
    "interrupt_after": "waiting",
}


def _plain(text: str) -> str:
    from rich.markup import escape  # noqa: PLC0415 - only for a live view

    return escape(printable(text))
