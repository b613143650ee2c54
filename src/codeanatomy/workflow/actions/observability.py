"""Spans and events that an agent file writes itself, and what it may ask about its own run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

Found = dict[str, Any]


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""
    return {**_tracing(host), **_observing(host), "opik.healthcheck": healthcheck}


def healthcheck(state: Found | None = None, project_name: str | None = None, **_: object) -> Found:
    """Ask the configured Opik server whether it knows us."""
    try:
        import opik  # type: ignore[import-not-found,unused-ignore] # an optional part
    except ImportError:
        return {
            "success": False,
            "error": "Opik SDK is not installed",
            "message": "Install the Opik SDK to send traces to Opik",
            "install_command": "pip install opik",
        }
    began = time.perf_counter()
    try:
        client = opik.Opik(project_name=project_name) if project_name else opik.Opik()
        client.auth_check()
    except Exception as error:
        return {"success": False, "error": str(error), "message": "Opik cannot be reached"}
    return {
        "success": True,
        "latency_ms": (time.perf_counter() - began) * 1000,
        "workspace": getattr(client, "_workspace", None),
        "project": project_name or getattr(client, "project_name", None),
        "message": "Opik is reachable",
    }


def _tracing(host: Host) -> dict[str, Action]:
    def start(
        state: Found,
        name: str,
        metadata: Found | None = None,
        parent_id: str | None = None,
        **_: object,
    ) -> Found:
        """Open a span; later ones open inside it."""
        trace = host.trace_context
        if trace is None:
            return _off()
        span = trace.start_span(name, metadata, parent_id)
        return {"success": True, **{key: span[key] for key in ("span_id", "name", "parent_id")}}

    def log(
        state: Found,
        message: str | None = None,
        event: Found | None = None,
        metrics: Found | None = None,
        snapshot_state: bool = False,
        sanitize_keys: list[str] | None = None,
        **_: object,
    ) -> Found:
        """Add an event, figures or the state to the open span."""
        trace = host.trace_context
        if trace is None:
            return _off()
        span = trace.log_event(message, event, metrics, snapshot_state, state, sanitize_keys)
        if span is None:
            return {"success": False, "error": "No active span to log to", "logged": False}
        events = len(span["events"])
        return {"success": True, "logged": True, "span_id": span["span_id"], "event_count": events}

    def end(state: Found, status: str = "ok", error: str | None = None, **_: object) -> Found:
        """Close the open span and give it to the exporters."""
        trace = host.trace_context
        if trace is None:
            return _off()
        span = trace.end_span(status, error)
        if span is None:
            return {"success": False, "error": "No active span to end"}
        return {"success": True, **{key: span[key] for key in ("span_id", "duration_ms", "status")}}

    return {"trace.start": start, "trace.log": log, "trace.end": end}


def _observing(host: Host) -> dict[str, Action]:
    def get_flow_log(state: Found, **_: object) -> Found:
        """Return the flow log of the run: its events, spans and figures."""
        flow = host.observability_context
        return {"success": True, "flow_log": flow.get_flow_log()} if flow else _blind()

    def log_event(
        state: Found,
        node: str | None = None,
        level: str = "info",
        event_type: str = "metric",
        message: str | None = None,
        data: Found | None = None,
        metrics: Found | None = None,
        **_: object,
    ) -> Found:
        """Add an event to the flow log."""
        flow = host.observability_context
        if not flow:
            return _blind()
        flow.log(node or "custom", level, event_type, message, data, metrics)
        return {"success": True, "flow_id": flow.flow_id}

    def query_events(state: Found, filters: Found | None = None, **_: object) -> Found:
        """Return the events of the flow log that fit all filters."""
        flow = host.observability_context
        if not flow:
            return _blind()
        events = flow.event_stream.query(filters or {})
        return {"success": True, "events": events, "count": len(events)}

    return {
        "obs.get_flow_log": get_flow_log,
        "obs.log_event": log_event,
        "obs.query_events": query_events,
    }


def _off() -> Found:
    return {"success": False, "error": "Tracing is not enabled"}


def _blind() -> Found:
    return {
        "success": False,
        "error": "Observability is not enabled; set `observability: {enabled: true}` in the file",
    }
