"""Every built-in action by name: what the files of this folder offer, with their other names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.kernel import catalog
from codeanatomy.workflow import actions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codeanatomy.workflow.host import Host

Action = Any  # Callable[..., Any]; functions and coroutine functions of a state and keywords

# namespace -> how an alias is made of a name with underscores for dots
_USUAL = ("actions.{}",)
_ALIASES: dict[str, tuple[str, ...]] = {
    "checkpoint": (),
    "context": (),
    "data": ("{}", "actions.{}"),
    "markdown": ("{}", "actions.{}"),
    "session_persistence": (),
}


def build(host: Host) -> dict[str, Callable[..., Any]]:
    """Return the actions of every file here, bound to `host`; an alias is the same object."""
    registry: dict[str, Callable[..., Any]] = {}
    for namespace in sorted(catalog.files_in(actions)):
        found: dict[str, Action] = catalog.load(actions, namespace, "actions")(host)
        for name, action in found.items():
            registry[name] = action
            for alias in _aliases(namespace, name):
                registry[alias] = action
    return registry


def _aliases(namespace: str, name: str) -> Iterator[str]:
    for pattern in _ALIASES.get(namespace, _USUAL):
        yield pattern.format(name.replace(".", "_"))
