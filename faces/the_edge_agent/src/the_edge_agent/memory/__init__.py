"""What agents remember, for a while and for good."""

from __future__ import annotations

from codeanatomy.workflow.memory import __all__
from codeanatomy.workflow.memory import __dir__ as __dir__
from codeanatomy.workflow.memory import __getattr__ as __getattr__

__all__ = [*__all__]  # noqa: PLE0604 - the names are those of the room
