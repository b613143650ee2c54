"""Where a span that ended goes: the terminal, a file, a function."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from codeanatomy.workflow.trace.payload import without_payload

if TYPE_CHECKING:
    from collections.abc import Callable

Record = dict[str, Any]


@runtime_checkable
class TraceExporter(Protocol):
    """Anything that takes a span that ended."""

    def export(self, span: Record) -> None:
        """Take one span."""


class ConsoleExporter:
    """Prints a line for every span; `verbose` adds its metadata, events and metrics."""

    def __init__(self, verbose: bool = False) -> None:  # noqa: FBT001, FBT002 - the promised signature
        self.verbose = verbose

    def export(self, span: Record) -> None:
        """Print one span on standard output."""
        print("\n".join(_lines(span, verbose=self.verbose)))  # noqa: T201 - printing is what it is for


class FileExporter:
    """Appends a JSON line for every span to a file; parent folders are made."""

    def __init__(self, path: str, strip_llm_payload: bool = True) -> None:  # noqa: FBT001, FBT002 - the promised signature
        self.path = Path(path)
        self.strip_llm_payload = strip_llm_payload
        self._lock = threading.Lock()

    def export(self, span: Record) -> None:
        """Write one span; what a model was asked and said stays out unless it was asked for."""
        record = without_payload(span) if self.strip_llm_payload else span
        line = json.dumps(record, default=str) + "\n"
        with self._lock:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line)


class CallbackExporter:
    """Hands every span to a function; what the function raises is nobody's failure."""

    def __init__(self, callback: Callable[[Record], None]) -> None:
        self.callback = callback

    def export(self, span: Record) -> None:
        """Call the function with one span."""
        try:
            self.callback(span)
        except Exception:  # noqa: BLE001 - a listener must not end the run it listens to
            _log().debug("a trace callback failed", exc_info=True)


def _log() -> Any:  # noqa: ANN401 - a logger
    import logging  # noqa: PLC0415 - only when something failed

    return logging.getLogger("the_edge_agent.tracing")


def _lines(span: Record, *, verbose: bool) -> list[str]:
    mark = "✗" if span.get("status") == "error" else "✓"
    took = span.get("duration_ms") or 0.0
    lines = [f"[TRACE] {mark} {span.get('name')} ({took:.2f}ms) - {span.get('status')}"]
    if span.get("error"):
        lines.append(f"  Error: {span['error']}")
    if not verbose:
        return lines[:1]
    lines += [f"  Span ID: {span.get('span_id')}", f"  Parent ID: {span.get('parent_id')}"]
    for title in ("metadata", "metrics"):
        if span.get(title):
            lines.append(f"  {title.capitalize()}: {json.dumps(span[title], default=str)}")
    if span.get("events"):
        lines.append(f"  Events ({len(span['events'])}):")
        lines += [f"    - {json.dumps(event, default=str)}" for event in span["events"]]
    return lines
