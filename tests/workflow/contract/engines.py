"""How the contract tests come by an engine, and by its actions."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from the_edge_agent import YAMLEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

Engine = Any  # an engine of agent files, as people use it


@contextmanager
def open_engine(**given: Any) -> Iterator[Engine]:  # noqa: ANN401 - what an engine is made of
    """Open an engine with these attributes, and close it at the end."""
    allowed = given.pop("enable_code_execution", False)
    engine = YAMLEngine(enable_tracing=False, enable_ltm=False, enable_code_execution=allowed)
    for name, value in given.items():
        setattr(engine, name, value)
    try:
        yield engine
    finally:
        engine.close()


def actions_of(engine: Engine) -> dict[str, Any]:
    """Return the actions of an engine by name."""
    registry: dict[str, Any] = engine.actions_registry
    return registry
