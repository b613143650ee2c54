"""Spans of a run and where they go."""

from __future__ import annotations

from codeanatomy.workflow.compat.tracing import TraceContext
from codeanatomy.workflow.trace.async_file import AsyncFileExporter
from codeanatomy.workflow.trace.exporters import (
    CallbackExporter,
    ConsoleExporter,
    FileExporter,
    TraceExporter,
)
from codeanatomy.workflow.trace.otel import OpenTelemetryExporter
from codeanatomy.workflow.trace.payload import (
    LLM_PAYLOAD_KEY,
    PII_WARNING_HEADER,
    LlmPayloadFileExporter,
    LlmPayloadSpan,
    replace_binary_payloads,
)

__all__ = [
    "LLM_PAYLOAD_KEY",
    "PII_WARNING_HEADER",
    "AsyncFileExporter",
    "CallbackExporter",
    "ConsoleExporter",
    "FileExporter",
    "LlmPayloadFileExporter",
    "LlmPayloadSpan",
    "OpenTelemetryExporter",
    "TraceContext",
    "TraceExporter",
    "replace_binary_payloads",
]
