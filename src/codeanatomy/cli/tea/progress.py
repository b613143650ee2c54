"""The graph of a run, redrawn as it goes on: what runs bears a star, what is done a check mark."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import typer

from codeanatomy.cli.tea.say import tell
from codeanatomy.workflow.names import END, START
from codeanatomy.workflow.show.ascii import DONE, FAILED, RUNNING, to_ascii
from codeanatomy.workflow.show.picture import picture_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from rich.live import Live

Event = dict[str, Any]


class GraphProgress:
    """Shows a graph at a terminal, or tells its nodes line by line where there is none."""

    def __init__(self, graph: Any) -> None:  # noqa: ANN401 - a StateGraph
        self.picture = picture_of(graph)
        self.marks: dict[str, str] = {START: DONE}
        self.terminal = sys.stdout.isatty()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if not self.terminal:
            typer.echo("[Graph Progress - Non-TTY mode]")
            return self
        from rich.live import Live  # noqa: PLC0415 - only at a terminal

        self._live = Live(self._drawn(), auto_refresh=False, redirect_stdout=True)
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

    def started(self, node: str) -> None:
        """Show that a node runs."""
        if self._is_shown(node):
            self._mark(node, RUNNING, f"[{node}] running...")

    def heard(self, event: Event) -> None:
        """Show what an event says."""
        kind, node = event["type"], str(event.get("node"))
        if kind in ("state", "parallel_state") and self._is_shown(node):
            self._mark(node, DONE, f"[{node}] ✓")
        elif kind == "error" and self._is_shown(node):
            self._mark(node, FAILED, f"[{node}] ✗")
        elif kind == "final":
            self._mark(END, DONE, "[Execution Complete]")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to somebody else for a while."""
        if self._live is not None:
            self._live.stop()
        yield
        if self._live is not None:
            self._live.start()

    def _is_shown(self, node: str) -> bool:
        return any(shape.name == node for shape in self.picture.shapes)

    def _mark(self, node: str, mark: str, line: str) -> None:
        self.marks[node] = mark
        if mark == DONE:
            self._pass_to(node)
        if self._live is None:
            tell(line)
        else:
            self._live.update(self._drawn(), refresh=True)

    def _pass_to(self, node: str) -> None:
        """Mark what leads to a node and runs nothing: no event tells of it."""
        quiet = {s.name for s in self.picture.shapes if s.kind in ("empty", "fan_in")}
        for link in self.picture.links:
            if link.target == node and link.source in quiet and link.source not in self.marks:
                self.marks[link.source] = DONE

    def _drawn(self) -> Any:  # noqa: ANN401 - a text of rich
        from rich.text import Text  # noqa: PLC0415 - only at a terminal

        return Text(to_ascii(self.picture, self.marks))
