"""One value put on top of another."""

from __future__ import annotations

from codeanatomy.workflow.load.overlay import deep_merge, merge_all

__all__ = ["deep_merge", "merge_all"]
