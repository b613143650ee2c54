"""Spans around nodes: where a file asks for it, a node tells when it began and how it ended."""

# ruff: noqa: ANN401 - what nodes are given and give is of any type

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.response import HTTPResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from codeanatomy.workflow.yaml_engine.agent import Agent

    State = dict[str, Any]
    Run = Callable[..., State]

_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


def watched(agent: Agent) -> bool:
    """Tell whether the nodes of a file are to be watched."""
    return agent.observability_context is not None or _is_traced(agent)


def observed(agent: Agent, run: Run, name: str, action: str) -> Run:
    """Return the node function inside a span, an entry and an exit of the flow log, or both."""
    if agent.observability_context is not None:
        run = _logged(agent.observability_context, run, name, action)
        if agent.observability_context.trace_context is agent.trace_context:
            return run  # its spans are those of the trace already
    return _spanned(agent.trace_context, run, name, action) if _is_traced(agent) else run


def _is_traced(agent: Agent) -> bool:
    return agent.trace_context is not None and bool(agent.settings.get("auto_trace"))


def _spanned(trace: Any, run: Run, name: str, action: str) -> Run:
    def spanned(state: State, config: Mapping[str, Any] | None = None) -> State:
        span = trace.start_span(name, {"node": name, "action_type": action})
        began = perf_counter()
        try:
            update = run(state, config)
        except HTTPResponse:
            trace.finish(span)
            raise
        except Exception as error:
            span["metrics"]["duration_ms"] = (perf_counter() - began) * 1000
            trace.finish(span, "error", str(error))
            raise
        took = (perf_counter() - began) * 1000
        span["metrics"].update({"duration_ms": took, **_figures(update, action, took)})
        trace.finish(span)
        return update

    return spanned


def _logged(context: Any, run: Run, name: str, action: str) -> Run:
    def logged(state: State, config: Mapping[str, Any] | None = None) -> State:
        context.start_node_span(name, {"action_type": action})
        try:
            update = run(state, config)
        except HTTPResponse:
            context.end_node_span(name)
            raise
        except Exception as error:
            context.end_node_span(name, "error", str(error))
            raise
        span = context.trace_context.current_span()
        if span is not None:
            span["metrics"].update(_figures(update, action, None))
        context.end_node_span(name)
        return update

    return logged


def _figures(update: Any, action: str, took: float | None) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for usage in _usages(update):
        for count in _COUNTS:
            if isinstance(usage.get(count), (int, float)):
                figures[count] = figures.get(count, 0) + usage[count]
    if took is not None and action.startswith(("http.", "actions.http_")):
        figures["http_latency_ms"] = took
    return figures


def _usages(update: Any) -> Iterator[dict[str, Any]]:
    """Find the token counts in an update, under whatever output it was put."""
    if not isinstance(update, dict):
        return
    for value in (update, *update.values()):
        usage = value.get("usage") if isinstance(value, dict) else None
        if isinstance(usage, dict):
            yield usage
