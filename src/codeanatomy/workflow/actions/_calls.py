"""Calling an action of the registry from within another one, as a node would call it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.host import Host


def lookup(host: Host, name: object) -> Callable[..., Any] | None:
    """Return the action of that name, or None."""
    return host.actions_registry.get(name) if isinstance(name, str) else None


def call(action: Callable[..., Any], state: dict[str, Any], **params: object) -> Any:
    """Call an action with the state and its parameters; a coroutine is run to its end."""
    result = action(state=state, **params)
    if inspect.isawaitable(result):
        from codeanatomy.workflow.run.awaiting import wait

        return wait(result)
    return result
