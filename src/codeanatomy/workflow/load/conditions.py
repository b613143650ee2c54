"""Reads every condition of a file, so that one which is no expression is found before it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.load.findings import Finding, finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.workflow.load.document import Document, Path


def check_conditions(document: Document, root: dict[str, Any]) -> Iterator[Finding]:
    """Yield an INVALID_CONDITION for each condition that cannot be read."""
    from codeanatomy.workflow.template.environment import Templates  # noqa: PLC0415 - Jinja2

    templates = Templates()
    for at, node, text in conditions(root):
        problem = templates.check_expression(text)
        if problem is not None:
            said = f"Invalid condition expression: {problem}"
            yield finding(document, "INVALID_CONDITION", said, at, node=node)


def conditions(root: dict[str, Any]) -> Iterator[tuple[Path, str | None, str]]:
    """Yield place, node and text of the conditions of gotos, loops and edges."""
    nodes, edges = root.get("nodes"), root.get("edges")
    for i, node in enumerate(nodes if isinstance(nodes, list) else ()):
        if not isinstance(node, dict):
            continue
        name = node.get("name") if isinstance(node.get("name"), str) else None
        if isinstance(node.get("condition"), str):
            yield ("nodes", i, "condition"), name, node["condition"]
        goto = node.get("goto")
        for j, rule in enumerate(goto if isinstance(goto, list) else ()):
            if isinstance(rule, dict) and isinstance(rule.get("if"), str):
                yield ("nodes", i, "goto", j, "if"), name, rule["if"]
    for i, edge in enumerate(edges if isinstance(edges, list) else ()):
        if isinstance(edge, dict):
            for below, text in _of_edge(edge):
                yield ("edges", i, *below), None, text


def _of_edge(edge: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    if isinstance(edge.get("when"), str):
        yield ("when",), edge["when"]
    condition = edge.get("condition")
    if isinstance(condition, str):
        yield ("condition",), condition
    elif isinstance(condition, dict) and isinstance(condition.get("value"), str):
        yield ("condition", "value"), condition["value"]
