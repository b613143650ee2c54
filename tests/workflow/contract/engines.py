"""How the contract tests come by an engine, and by its actions."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from the_edge_agent.actions import build_actions_registry

from tests.workflow.plain_host import PlainHost

if TYPE_CHECKING:
    from collections.abc import Iterator

Engine = Any  # an engine of agent files, as people use it


@contextmanager
def open_engine(**given: Any) -> Iterator[Engine]:  # noqa: ANN401 - what an engine is made of
    """Open an engine, and close it at the end."""
    host = PlainHost(**given)
    host.actions_registry.update(build_actions_registry(host))
    try:
        yield host
    finally:
        for part in host.parts.values():
            if hasattr(part, "close"):
                part.close()


def actions_of(engine: Engine) -> dict[str, Any]:
    """Return the actions of an engine by name."""
    registry: dict[str, Any] = engine.actions_registry
    return registry
