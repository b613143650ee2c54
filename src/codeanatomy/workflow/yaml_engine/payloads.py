"""What a model was asked and said, put on the span of the node that asked: where a file asks."""

# ruff: noqa: ANN401 - parameters and results of actions are of any type

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.yaml_engine.llm_settings import ACTIONS
from codeanatomy.workflow.yaml_engine.tracing import payload_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.yaml_engine.agent import Agent


def payload_keeper(
    agent: Agent, action: str, node: str
) -> Callable[[Mapping[str, Any], Any], None] | None:
    """Return what keeps the payload of a node's calls; None where it is not wanted."""
    trace = agent.trace_context
    if trace is None or action not in ACTIONS:
        return None
    wanted = payload_settings(agent.settings)
    if wanted is None:
        return None
    patterns = wanted["nodes"]
    if patterns is not None and not any(fnmatchcase(node, pattern) for pattern in patterns):
        return None

    def keep(params: Mapping[str, Any], result: Any) -> None:
        span = trace.current_span()
        if span is not None:
            span["metadata"]["llm_payload"] = _payload(params, result)

    return keep


def _payload(params: Mapping[str, Any], result: Any) -> dict[str, Any]:
    told = result if isinstance(result, dict) else {}
    usage: Any = told.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return {
        "messages_input": params.get("messages") or _messages(params),
        "response_content": told.get("content"),
        "tokens_input": usage.get("prompt_tokens"),
        "tokens_output": usage.get("completion_tokens"),
        "model": told.get("model") or params.get("model"),
        "stop_reason": told.get("finish_reason") or told.get("stop_reason"),
        "cost_usd": told.get("cost_usd"),
    }


def _messages(params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the messages that a system text and a prompt stand for."""
    roles = (("system", "system"), ("user", "prompt"))
    return [
        {"role": role, "content": params[key]} for role, key in roles if params.get(key) is not None
    ]
