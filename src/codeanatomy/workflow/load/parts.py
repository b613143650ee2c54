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


def spelled(root: dict[str, Any]) -> dict[str, Any]:
    """Return the file with the names of nodes as text: YAML reads `yes`, `on` and `1` as values.

    What refers to such a node becomes text with it; all else stays, and is refused where it
    stands. The file itself is not touched.
    """
    nodes = root.get("nodes")
    found = [n.get("name") for n in nodes if isinstance(n, dict)] if isinstance(nodes, list) else []
    odd = {(type(name), name) for name in found if isinstance(name, (bool, int, float))}
    if not odd:
        return root
    parts = {"nodes": ("name",), "edges": ("from", "to", "fan_in")}
    lists = {key: root[key] for key in parts if isinstance(root.get(key), list)}
    return {
        **root,
        **{key: [_renamed(one, odd, parts[key]) for one in lists[key]] for key in lists},
    }


def _renamed(part: Any, odd: set[tuple[type, Any]], keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - what a file says
    def name(value: Any) -> Any:  # noqa: ANN401 - as above
        if isinstance(value, list):
            return [name(one) for one in value]
        if isinstance(value, dict):
            return _renamed(value, odd, ("to",))
        known = isinstance(value, (bool, int, float)) and (type(value), value) in odd
        return str(value) if known else value

    if not isinstance(part, dict):
        return part
    return {k: name(v) if k in (*keys, "goto") else v for k, v in part.items()}
