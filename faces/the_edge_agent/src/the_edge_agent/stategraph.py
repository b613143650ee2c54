"""The state graph and the names of its ends."""

from __future__ import annotations

from codeanatomy.workflow.graph import StateGraph
from codeanatomy.workflow.names import END, START

__all__ = ["END", "START", "StateGraph"]
