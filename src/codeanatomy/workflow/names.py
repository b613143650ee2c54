"""The two nodes that every graph has."""

from __future__ import annotations

from typing import Final

START: Final = "__start__"
END: Final = "__end__"
