"""The events of a flow and who hears them."""

from __future__ import annotations

from codeanatomy.workflow.compat.tracing import (
    CallbackHandler,
    ConsoleHandler,
    EventStreamHandler,
    FileHandler,
    ObservabilityContext,
)
from codeanatomy.workflow.trace.events import EventStream

__all__ = [
    "CallbackHandler",
    "ConsoleHandler",
    "EventStream",
    "EventStreamHandler",
    "FileHandler",
    "ObservabilityContext",
]
