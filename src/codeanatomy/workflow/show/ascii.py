"""Draws a graph as lines of text: every node once, in the order of the flow, and its ways on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.show.layout import ranks
from codeanatomy.workflow.show.picture import Picture, picture_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.workflow.show.picture import Link, Shape

RUNNING, DONE, FAILED = " *", " ✓", " ✗"


def to_ascii(graph: Any, marks: Mapping[str, str] | None = None) -> str:  # noqa: ANN401 - a StateGraph or a Picture
    """Return the graph as text; `marks` stand behind the names of nodes.

    A node whose only way on leads to the next line is joined to it by a bar; every other way on
    is an arrow that names its target.
    """
    picture = graph if isinstance(graph, Picture) else picture_of(graph)
    level = ranks(picture)
    order = sorted(picture.shapes, key=lambda shape: level[shape.name])
    following = [*order[1:], None]
    lines: list[str] = []
    names = {shape.name: _box(shape) for shape in order}
    for shape, after in zip(order, following, strict=True):
        lines.append(names[shape.name] + (marks or {}).get(shape.name, ""))
        lines += _ways(picture.successors(shape.name), after, names)
    return "\n".join(lines)


def _ways(links: list[Link], after: Shape | None, names: dict[str, str]) -> list[str]:
    if len(links) == 1 and after is not None and links[0].target == after.name:
        return [f"   │ {_plain(links[0].says)}".rstrip()]
    lines = []
    for place, link in enumerate(links, 1):
        corner = "└" if place == len(links) else "├"
        label = f"[{_plain(link.says)}]─" if link.says else ""
        lines.append(f"   {corner}─{label}► {names.get(link.target, link.target)}")
    return [*lines, ""] if lines else lines


def _box(shape: Shape) -> str:
    text = {"start": "START", "end": "END"}.get(shape.kind, _plain(shape.name))
    return f"({text})" if shape.kind in ("start", "end") else f"[{text}]"


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
