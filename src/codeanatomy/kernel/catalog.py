"""From the name in a declaration to the one file that implements it."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import UnknownNameError

if TYPE_CHECKING:
    from types import ModuleType


@cache
def files_in(room: ModuleType) -> frozenset[str]:
    """Name every implementation file in `room`; a leading underscore marks shared parts."""
    return frozenset(m.name for m in iter_modules(room.__path__) if not m.name.startswith("_"))


def load(room: ModuleType, name: str, attribute: str) -> Any:  # noqa: ANN401 - what a file holds differs by room
    """Import `room/name.py` only now, and return its `attribute`."""
    known = files_in(room)
    if name not in known:
        msg = f"no file {name}.py in {room.__name__}; it has {sorted(known)}"
        raise UnknownNameError(msg, room=room.__name__, name=name)
    return getattr(import_module(f"{room.__name__}.{name}"), attribute)
