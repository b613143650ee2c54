"""Walks over the parts of an agent file that have the shape they should have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def named_nodes(root: dict[str, Any]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield index, name and mapping of every node that has a name."""
    nodes = root.get("nodes")
    for index, node in enumerate(nodes if isinstance(nodes, list) else ()):
        if isinstance(node, dict) and isinstance(node.get("name"), str):
            yield index, node["name"], node


def listed_edges(root: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield index and mapping of every edge."""
    edges = root.get("edges")
    for index, edge in enumerate(edges if isinstance(edges, list) else ()):
        if isinstance(edge, dict):
            yield index, edge


def targets(value: Any) -> list[Any]:  # noqa: ANN401 - a name or a list of names
    """Return the names that an edge's end stands for."""
    return value if isinstance(value, list) else [value]


def goto_rules(node: dict[str, Any]) -> list[tuple[tuple[str | int, ...], Any]]:
    """Return where each target of a node's goto stands below the node, and the target."""
    goto = node.get("goto")
    if isinstance(goto, str):
        return [(("goto",), goto)]
    rules = goto if isinstance(goto, list) else ()
    return [
        (("goto", i, "to"), rule["to"])
        for i, rule in enumerate(rules)
        if isinstance(rule, dict) and rule.get("to") is not None
    ]
