"""Draws a graph in Mermaid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.show.picture import Picture, picture_of

if TYPE_CHECKING:
    from codeanatomy.workflow.show.picture import Link, Shape

_NOT_IN_ID = re.compile(r"[\s\-.()\[\]{}<>|:;,&#\"'`=/\\@!?*+%^~$]")


def to_mermaid(graph: Any) -> str:  # noqa: ANN401 - a StateGraph or a Picture
    """Return the graph as Mermaid text: `graph TD`, the nodes, the edges."""
    picture = graph if isinstance(graph, Picture) else picture_of(graph)
    ids = _ids(picture)
    lines = ["graph TD"]
    lines += [f"    {_node(shape, ids[shape.name])}" for shape in picture.shapes]
    lines += [f"    {_edge(link, ids)}" for link in picture.links if link.target in ids]
    return "\n".join(lines)


def _ids(picture: Picture) -> dict[str, str]:
    """Give every node an id that Mermaid reads, no two the same."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for shape in picture.shapes:
        plain = _NOT_IN_ID.sub("_", shape.name)
        unique, number = plain, 2
        while unique in taken:
            unique, number = f"{plain}_{number}", number + 1
        taken.add(unique)
        ids[shape.name] = unique
    return ids


def _node(shape: Shape, at: str) -> str:
    if shape.kind == "start":
        return f"{at}((Start))"
    if shape.kind == "end":
        return f"{at}((End))"
    return f"{at}[{_label(shape.name)}]"


def _edge(link: Link, ids: dict[str, str]) -> str:
    label = f"|{_label(link.label)}|" if link.label else ""
    return f"{ids[link.source]}-->{label}{ids[link.target]}"


def _label(text: str) -> str:
    return " ".join(text.replace('"', "'").replace("|", "/").split())
