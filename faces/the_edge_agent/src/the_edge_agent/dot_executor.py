"""Drawings in DOT as state graphs."""

from __future__ import annotations

from codeanatomy.workflow.dot.flow import dot_to_stategraph, run_dot

__all__ = ["dot_to_stategraph", "run_dot"]
