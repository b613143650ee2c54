"""Hands spans to OpenTelemetry, with their times, parents, events and errors as they were."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import MissingPartError
from codeanatomy.workflow.trace.payload import without_payload

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import SpanContext

NANOSECONDS = 1_000_000_000


class OpenTelemetryExporter:
    """Exports spans through an exporter of the OpenTelemetry SDK.

    What models were asked and said stays out, as in the trace file.
    """

    def __init__(self, span_exporter: SpanExporter, service_name: str = "codeanatomy") -> None:
        try:
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an optional part
        except ImportError as error:
            msg = "tracing to OpenTelemetry needs `pip install codeanatomy[otel]`"
            raise MissingPartError(msg, extra="otel") from error
        self._exporter = span_exporter
        self._resource = Resource.create({"service.name": service_name})

    def export(self, span: dict[str, Any]) -> None:
        """Hand on one span."""
        self._exporter.export([self._readable(without_payload(span))])

    def close(self) -> None:
        """Let the SDK's exporter finish what it holds."""
        self._exporter.shutdown()

    def _readable(self, span: dict[str, Any]) -> ReadableSpan:
        from opentelemetry.sdk.trace import Event, ReadableSpan  # noqa: PLC0415 - an optional part
        from opentelemetry.trace.status import Status, StatusCode  # noqa: PLC0415 - as above

        root = uuid.UUID(getattr(span, "root", None) or span["parent_id"] or span["span_id"]).int
        failed = span["status"] == "error"
        parent = span["parent_id"]
        return ReadableSpan(
            name=span["name"],
            context=_context(root, span["span_id"]),
            parent=_context(root, parent) if parent else None,
            resource=self._resource,
            attributes=_attributes({**span["metadata"], **span["metrics"]}),
            events=[
                Event(
                    str(event.get("message") or event.get("event_type") or "event"),
                    _attributes({k: v for k, v in event.items() if k not in _OF_EVENT}),
                    int(event["timestamp"] * NANOSECONDS),
                )
                for event in span["events"]
            ],
            status=Status(StatusCode.ERROR, span["error"]) if failed else Status(StatusCode.OK),
            start_time=int(span["start_time"] * NANOSECONDS),
            end_time=int(span["end_time"] * NANOSECONDS),
        )


_OF_EVENT = ("timestamp", "message")
_LOW_64 = (1 << 64) - 1


def _context(root: int, span_id: str) -> SpanContext:
    from opentelemetry.trace import SpanContext, TraceFlags  # noqa: PLC0415 - an optional part

    low = uuid.UUID(span_id).int & _LOW_64
    return SpanContext(root, low, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def _attributes(values: dict[str, Any]) -> dict[str, str | bool | int | float]:
    return {
        str(key): value
        if isinstance(value, (str, bool, int, float))
        else json.dumps(value, default=str)
        for key, value in values.items()
        if value is not None
    }
