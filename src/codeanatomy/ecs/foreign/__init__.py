"""Processors of compiled libraries: Arrow goes over and comes back through its C data interface.

`processor.h` beside this file is the contract of a library; `foreign` makes a processor of a path
and a symbol, `ArrowProcessor` one of any function from Arrow rows to Arrow rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codeanatomy.ecs.foreign.function import ArrowProcessor
    from codeanatomy.ecs.foreign.processor import ForeignProcessor, foreign

__all__ = ["ArrowProcessor", "ForeignProcessor", "foreign"]

_HOMES = {"ArrowProcessor": "function", "ForeignProcessor": "processor", "foreign": "processor"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the public name stands for
    """Load a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a name is asked for

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
