"""A span: what happened between two moments, as the plain dict that exporters get."""

from __future__ import annotations

import time
import uuid
from typing import Any

HIDDEN = "[REDACTED]"


class Span(dict[str, Any]):
    """The fields of a span; `root`, the id of the outermost span, is not one of them."""

    __slots__ = ("began", "root")

    began: float  # on the monotonic clock, seconds
    root: str


def new_span(name: str, metadata: dict[str, Any] | None, parent: str | None, root: str) -> Span:
    """Start a span now; an empty `root` makes it the root itself."""
    span = Span(
        span_id=str(uuid.uuid4()),
        parent_id=parent,
        name=name,
        start_time=time.time(),
        end_time=None,
        duration_ms=None,
        status="ok",
        error=None,
        metadata=dict(metadata or {}),
        events=[],
        metrics={},
    )
    span.root = root or parent or span["span_id"]
    span.began = time.perf_counter()
    return span


def close_span(span: Span, status: str, error: str | None) -> None:
    """End a span now; its duration comes from the monotonic clock."""
    seconds = time.perf_counter() - span.began
    span["end_time"] = span["start_time"] + seconds
    span["duration_ms"] = seconds * 1000
    span["status"] = status
    span["error"] = error


def sanitized(value: Any, keys: set[str]) -> Any:  # noqa: ANN401 - a state holds anything
    """Copy dicts and lists, with the values of `keys` hidden at every depth."""
    if isinstance(value, dict):
        return {k: HIDDEN if k in keys else sanitized(v, keys) for k, v in value.items()}
    if isinstance(value, list):
        return [sanitized(item, keys) for item in value]
    return value
