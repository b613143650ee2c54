"""Calling an action: as an effect in a journaled run, waited for where it is asynchronous."""

# ruff: noqa: ANN401 - parameters and results of actions are of any type

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.errors import UnstorableError
from codeanatomy.workflow.journal.effects import current_step, perform
from codeanatomy.workflow.yaml_engine.time_limit import check_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_INJECTED = frozenset({"config", "node", "graph", "parallel_results"})


def call_action(
    name: str, action: Callable[..., Any], state: dict[str, Any], params: Mapping[str, Any]
) -> Any:
    """Call an action; in a journaled run the call is an effect, and is never repeated."""
    check_time()
    if current_step.get() is None:
        return finished(action(state=state, **params))
    return perform(
        name, lambda: finished(action(state=state, **params)), digest=digest_of(name, params)
    )


def digest_of(name: str, params: Mapping[str, Any]) -> bytes | None:
    """Return the digest of an action's parameters; None where one of them cannot be stored."""
    from codeanatomy.workflow.state import digest, encode_value  # noqa: PLC0415 - only with a journal

    try:
        return digest(encode_value(dict(params), name))
    except UnstorableError:
        return None  # it may be passed to an action all the same: only results are stored


def finished(result: Any) -> Any:
    """Wait for the result of an asynchronous action."""
    if not hasattr(result, "__await__"):
        return result
    from codeanatomy.workflow.run.awaiting import wait  # noqa: PLC0415 - most actions do not wait

    return wait(result)


def injected(action: Callable[..., Any]) -> frozenset[str]:
    """Return which of the things that the loop knows an action asks for by name."""
    from inspect import signature  # noqa: PLC0415 - when an action is first called

    try:
        return _INJECTED.intersection(signature(action).parameters)
    except (TypeError, ValueError):
        return frozenset()
