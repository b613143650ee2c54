"""Agent files and schemas put on top of each other."""

from __future__ import annotations

from the_edge_agent.schema.deep_merge import deep_merge, merge_all

__all__ = ["deep_merge", "merge_all"]
