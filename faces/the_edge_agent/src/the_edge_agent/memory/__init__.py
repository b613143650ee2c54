"""What agents remember, for a while and for good."""

from __future__ import annotations

from codeanatomy.workflow.memory import __all__, __dir__, __getattr__

__all__ = [*__all__]  # noqa: PLE0604 - the names are those of the room
