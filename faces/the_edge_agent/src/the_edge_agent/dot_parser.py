"""Drawings in DOT: read, ordered in phases, written as agent files."""

from __future__ import annotations

from codeanatomy.workflow.dot.analyze import analyze_graph
from codeanatomy.workflow.dot.model import (
    AnalyzedGraph,
    DotCluster,
    DotEdge,
    DotNode,
    ExecutionPhase,
    ParsedGraph,
)
from codeanatomy.workflow.dot.parse import parse_dot, parse_dot_string
from codeanatomy.workflow.dot.to_yaml import dot_to_yaml

__all__ = [
    "AnalyzedGraph",
    "DotCluster",
    "DotEdge",
    "DotNode",
    "ExecutionPhase",
    "ParsedGraph",
    "analyze_graph",
    "dot_to_yaml",
    "parse_dot",
    "parse_dot_string",
]
