"""Spans reach OpenTelemetry as they were."""

from __future__ import annotations

from typing import Any

import pytest

from codeanatomy.workflow.compat.tracing import TraceContext
from codeanatomy.workflow.trace.otel import NANOSECONDS, OpenTelemetryExporter

memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")


def exported() -> list[Any]:
    """Trace two nested spans and return what arrived, the inner one first."""
    store = memory.InMemorySpanExporter()
    trace = TraceContext([OpenTelemetryExporter(store, "svc")])
    trace.start_span("outer")
    trace.start_span("inner", {"node": "n", "llm_payload": {"x": 1}, "list": [1], "none": None})
    trace.log_event("said", {"k": 2}, {"tokens": 3})
    trace.end_span("error", "boom")
    trace.end_span()
    return list(store.get_finished_spans())


def test_a_child_is_in_the_trace_of_its_parent() -> None:
    """One trace; the parent's id is the child's parent."""
    inner, outer = exported()
    assert inner.context.trace_id == outer.context.trace_id
    assert inner.parent.span_id == outer.context.span_id
    assert outer.parent is None


def test_a_span_keeps_what_it_says() -> None:
    """Attributes, events, times and the error; payloads stay out."""
    inner, outer = exported()
    assert dict(inner.attributes) == {"node": "n", "list": "[1]", "tokens": 3}
    assert [(event.name, dict(event.attributes)) for event in inner.events] == [("said", {"k": 2})]
    assert (inner.status.status_code.name, inner.status.description) == ("ERROR", "boom")
    assert outer.status.status_code.name == "OK"
    assert inner.end_time >= inner.start_time > NANOSECONDS
    assert inner.resource.attributes["service.name"] == "svc"
