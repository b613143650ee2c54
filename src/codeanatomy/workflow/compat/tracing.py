"""The tracing names that the old API promises: the spans and the events of one run."""

from __future__ import annotations

import itertools
import logging
import threading
import time
import uuid
from collections import deque
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.redact import redacted
from codeanatomy.workflow.trace.events import LEVELS, EventStream, append_event, event_line
from codeanatomy.workflow.trace.span import Span, close_span, new_span, sanitized

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Record = dict[str, Any]

KEPT = 1000  # spans and events a run remembers

_ids = itertools.count()
# Of each trace, the open spans of this line of execution: a branch that runs in a copy of the
# context begins with those of its parent and cannot disturb them.
_open: ContextVar[Mapping[int, tuple[Span, ...]]] = ContextVar("codeanatomy_open_spans")


class TraceContext:
    """A stack of open spans for every thread and branch, and the exporters of those that ended."""

    def __init__(self, exporters: list[Any] | None = None) -> None:
        self.exporters = list(exporters or ())
        self._id = next(_ids)
        self._ended: deque[Span] = deque(maxlen=KEPT)

    @property
    def completed_spans(self) -> list[Record]:
        """The newest spans that ended, oldest first."""
        return list(self._ended)

    def start_span(
        self, name: str, metadata: Record | None = None, parent_id: str | None = None
    ) -> Record:
        """Open a span inside `parent_id`, or inside the current one; return it."""
        stack = self._stack()
        inside = stack[-1]["span_id"] if stack else None
        root = stack[-1].root if stack and parent_id in (None, inside) else ""
        span = new_span(name, metadata, parent_id or inside, root)
        self._replace((*stack, span))
        return span

    def current_span(self) -> Record | None:
        """Return the innermost open span of this thread or branch."""
        stack = self._stack()
        return stack[-1] if stack else None

    def log_event(
        self,
        message: str | None = None,
        event: Record | None = None,
        metrics: Record | None = None,
        snapshot_state: bool = False,  # noqa: FBT001, FBT002 - the promised signature
        state: Record | None = None,
        sanitize_keys: list[str] | None = None,
    ) -> Record | None:
        """Add an event, metrics, or both to the current span; return the span, None without one."""
        span = self.current_span()
        if span is None:
            return None
        entry: Record = {"timestamp": time.time()}
        if message is not None:
            entry["message"] = message
        entry.update(event or {})
        if snapshot_state and state is not None:
            entry["state_snapshot"] = sanitized(state, set(sanitize_keys or ()))
        span["events"].append(entry)
        span["metrics"].update(metrics or {})
        return span

    def end_span(self, status: str = "ok", error: str | None = None) -> Record | None:
        """Close the current span and export it; return it, None when none is open."""
        stack = self._stack()
        return self.finish(stack[-1], status, error) if stack else None

    def finish(self, span: Record, status: str = "ok", error: str | None = None) -> Record:
        """Close one span, the current one or not, and export it; spans inside it stay open."""
        own = cast("Span", span)
        close_span(own, status, error)
        self._replace(tuple(one for one in self._stack() if one is not own))
        self._ended.append(own)
        self._export(own)
        return own

    def clear(self) -> None:
        """Forget the open spans of this thread and those that ended."""
        self._replace(())
        self._ended.clear()

    def _stack(self) -> tuple[Span, ...]:
        return _open.get({}).get(self._id, ())

    def _replace(self, stack: tuple[Span, ...]) -> None:
        others = {key: value for key, value in _open.get({}).items() if key != self._id}
        _open.set({**others, self._id: stack} if stack else others)

    def _export(self, span: Span) -> None:
        if not self.exporters:
            return
        clean = redacted(dict(span))
        shown = Span(clean)
        shown.root, shown.began = span.root, span.began
        for exporter in self.exporters:
            try:
                exporter.export(shown)
            except Exception:
                logging.getLogger("the_edge_agent.tracing").debug("export failed", exc_info=True)


@runtime_checkable
class EventStreamHandler(Protocol):
    """Anything that takes an observability event."""

    def handle(self, event: Record) -> None:
        """Take one event."""


class ConsoleHandler:
    """Prints a line for every event."""

    def __init__(self, verbose: bool = False) -> None:  # noqa: FBT001, FBT002 - the promised signature
        self.verbose = verbose

    def handle(self, event: Record) -> None:
        """Print one event on standard output."""
        print(event_line(event, verbose=self.verbose))  # noqa: T201 - printing is what it is for


class FileHandler:
    """Appends a JSON line for every event to a file."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()

    def handle(self, event: Record) -> None:
        """Write one event."""
        with self._lock:
            append_event(self.path, event)


class CallbackHandler:
    """Hands every event to a function."""

    def __init__(self, callback: Callable[[Record], None]) -> None:
        self.callback = callback

    def handle(self, event: Record) -> None:
        """Call the function with one event; what it raises is nobody's failure."""
        try:
            self.callback(event)
        except Exception:
            logging.getLogger("the_edge_agent.tracing").debug("callback failed", exc_info=True)


class ObservabilityContext:
    """The events and spans of one flow, and the log that puts them on one line of time."""

    def __init__(
        self,
        flow_id: str | None = None,
        config: Record | None = None,
        trace_context: TraceContext | None = None,
    ) -> None:
        self.flow_id = flow_id or str(uuid.uuid4())
        self.config = dict(config or {})
        self.level = _level(self.config.get("level", "info"))
        self._trace = trace_context or TraceContext()
        handlers = [_handler(spec) for spec in self.config.get("handlers") or ()]
        self._stream = EventStream(int(self.config.get("buffer_size", KEPT)), handlers)
        self._spans: deque[Record] = deque(maxlen=KEPT)

    @property
    def trace_context(self) -> TraceContext:
        """The spans' own context."""
        return self._trace

    @property
    def event_stream(self) -> EventStream:
        """The events."""
        return self._stream

    def log(
        self,
        node: str,
        level: str,
        event_type: str,
        message: str | None = None,
        data: Record | None = None,
        metrics: Record | None = None,
    ) -> None:
        """Record one event of a node, unless its level lies below the configured one."""
        if LEVELS.get(level, LEVELS["info"]) < self.level:
            return
        span = self._trace.current_span() or {}
        self._stream.append(
            {
                "flow_id": self.flow_id,
                "span_id": span.get("span_id"),
                "parent_id": span.get("parent_id"),
                "node": node,
                "level": level,
                "timestamp": time.time(),
                "event_type": event_type,
                "message": message,
                "data": data or {},
                "metrics": metrics or {},
            }
        )

    def start_node_span(self, node: str, metadata: Record | None = None) -> str:
        """Open the span of a node and log its entry; return the span's id."""
        span = self._trace.start_span(node, {"node": node, **(metadata or {})})
        self.log(node, "info", "entry", f"Starting {node}", data=metadata)
        return str(span["span_id"])

    def end_node_span(
        self, node: str, status: str = "ok", error: str | None = None
    ) -> Record | None:
        """Log how a node ended and close its span; return the span, None when none is open."""
        span = self._trace.current_span()
        took = {"duration_ms": (time.time() - span["start_time"]) * 1000} if span else {}
        if status == "error":
            self.log(node, "error", "error", f"Error in {node}: {error}", {"error": error}, took)
        else:
            self.log(node, "info", "exit", f"Completed {node}", metrics=took)
        ended = self._trace.end_span(status, error)
        if ended is not None:
            self._spans.append(redacted(ended))
        return ended

    def get_flow_log(self) -> Record:
        """Return events, spans and figures of the flow, and one line of time of both."""
        events, spans = self._stream.get_all(), list(self._spans)
        return {
            "flow_id": self.flow_id,
            "events": events,
            "spans": spans,
            "metrics": _figures(events, spans),
            "timeline": _timeline(events, spans),
        }


def _figures(events: list[Record], spans: list[Record]) -> Record:
    begins = [span["start_time"] for span in spans] + [event["timestamp"] for event in events]
    ends = [span["end_time"] for span in spans] + [event["timestamp"] for event in events]
    nodes = {span["name"] for span in spans}
    return {
        "total_duration_ms": (max(ends) - min(begins)) * 1000 if begins else 0.0,
        "node_count": len(nodes),
        "error_count": sum(event["level"] == "error" for event in events),
        "event_count": len(events),
    }


def _timeline(events: list[Record], spans: list[Record]) -> list[Record]:
    items = [{"type": "event", **event} for event in events]
    items += [{"type": "span", "timestamp": span["start_time"], **span} for span in spans]
    return sorted(items, key=lambda item: item["timestamp"])


def _level(name: str) -> int:
    if str(name).lower() not in LEVELS:
        msg = f"unknown observability level {name!r}; one of {', '.join(LEVELS)}"
        raise SpecError(msg, level=name)
    return LEVELS[str(name).lower()]


def _handler(spec: Any) -> Any:  # noqa: ANN401 - a row of the configuration, or a handler
    if not isinstance(spec, (dict, str)):
        return spec
    row: Record = {"type": spec} if isinstance(spec, str) else spec
    kind = row.get("type")
    if kind == "console":
        return ConsoleHandler(verbose=bool(row.get("verbose", False)))
    if kind == "file" and row.get("path"):
        return FileHandler(str(row["path"]))
    if kind == "callback" and callable(row.get("callback")):
        return CallbackHandler(row["callback"])
    msg = f"unknown observability handler {spec!r}; console, file (path) or callback (callback)"
    raise SpecError(msg, handler=repr(spec))
