"""The stream of observability events of a run: the newest in a ring, each handed on at once."""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from datetime import datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.redact import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Event = dict[str, Any]

LEVELS = {"debug": 10, "info": 20, "warn": 30, "warning": 30, "error": 40}


class EventStream:
    """Keeps the newest `max_size` events and hands each to the handlers."""

    def __init__(self, max_size: int = 1000, handlers: Sequence[Any] | None = None) -> None:
        self.max_size = max_size
        self.handlers = list(handlers or ())
        self._events: deque[Event] = deque(maxlen=max_size)
        self._lock = threading.Lock()

    def append(self, event: Event) -> None:
        """Keep one event; a handler that fails does not fail the run."""
        clean = redacted(event)
        with self._lock:
            self._events.append(clean)
        for handler in self.handlers:
            try:
                handler.handle(clean)
            except Exception:
                logging.getLogger("the_edge_agent.tracing").debug("handler failed", exc_info=True)

    def get_all(self) -> list[Event]:
        """List the events that are kept, oldest first."""
        with self._lock:
            return list(self._events)

    def query(self, filters: dict[str, Any]) -> list[Event]:
        """List the events that pass every filter: node (glob), level, event_type, the times."""
        return [event for event in self.get_all() if _passes(event, filters or {})]

    def clear(self) -> None:
        """Forget every event."""
        with self._lock:
            self._events.clear()

    def __len__(self) -> int:
        return len(self._events)


def event_line(event: Event, *, verbose: bool) -> str:
    """Write an event as a line for people; `verbose` adds its data and metrics."""
    level = str(event.get("level", "info")).upper()
    what = event.get("message") or event.get("event_type")
    line = f"[{level}] {event.get('node')}: {what}"
    if verbose:
        extra = {key: event[key] for key in ("data", "metrics") if event.get(key)}
        line += f" {json.dumps(extra, default=str)}" if extra else ""
    return line


def append_event(path: Path, event: Event) -> None:
    """Append an event to a file of JSON lines; parent folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(event, default=str) + "\n")


def moment(value: Any) -> float:  # noqa: ANN401 - seconds, a datetime or ISO-8601 text
    """Read a moment as seconds since the epoch."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, str):
        return datetime.fromisoformat(value).timestamp()
    return float(value)


def _passes(event: Event, filters: dict[str, Any]) -> bool:
    return all(
        test(event, filters[name]) for name, test in _TESTS.items() if filters.get(name) is not None
    )


def _same_level(event: Event, level: str) -> bool:
    return LEVELS.get(event.get("level", "")) == LEVELS.get(level)


_TESTS: dict[str, Callable[[Event, Any], bool]] = {
    "node": lambda event, pattern: fnmatchcase(str(event.get("node")), pattern),
    "level": _same_level,
    "event_type": lambda event, kind: bool(event.get("event_type") == kind),
    "start_time": lambda event, start: moment(event["timestamp"]) >= moment(start),
    "end_time": lambda event, end: moment(event["timestamp"]) <= moment(end),
}
