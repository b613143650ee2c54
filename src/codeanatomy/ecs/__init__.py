"""Worlds: populations of entities as Arrow columns, ticked by processors, every tick durable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what decorates must be known to type checkers
    from codeanatomy.ecs.components import component as component
    from codeanatomy.ecs.processors import processor as processor
    from codeanatomy.ecs.world import World as World

# public name -> the module that holds it, below this package
_HOMES: dict[str, str] = {
    "World": "world",
    "component": "components",
    "processor": "processors",
    "Receipt": "receipt",
    "Columns": "columns",
    "Visit": "visit",
    "Table": "table",
    "Command": "command",
    "Migration": "drift",
    "Continuous": "space",
    "Grid": "space",
    "Network": "space",
    "in_turn": "activation",
    "ordered_by": "activation",
    "random_order": "activation",
    "sweep": "running.sweeps",
    "turns": "turn",
    "ArchetypeRuntime": "runtime.runtime",
    "Seat": "runtime.seat",
    "Quotas": "runtime.quota",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - the homes are the one list


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the public name stands for
    """Load a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a name is asked for

    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
