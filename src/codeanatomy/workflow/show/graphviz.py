"""Draws a graph in DOT, for Graphviz."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.show.picture import Picture, picture_of

if TYPE_CHECKING:
    from codeanatomy.workflow.show.picture import Link, Shape

_STYLE = {"plain": "", "conditional": ", style=dashed", "parallel": ", style=bold"}


def to_dot(graph: Any, name: str = "workflow") -> str:  # noqa: ANN401 - a StateGraph or a Picture
    """Return the graph as DOT text; START and END are ellipses."""
    picture = graph if isinstance(graph, Picture) else picture_of(graph)
    lines = [f"digraph {_name(name)} {{", "    rankdir=TB;", "    node [shape=box];"]
    lines += [f"    {_node(shape)}" for shape in picture.shapes]
    lines += [f"    {_edge(link)}" for link in picture.links]
    return "\n".join([*lines, "}"])


def render_graphviz(graph: Any) -> Any:  # noqa: ANN401 - a drawing of pygraphviz
    """Return the graph as a laid out drawing of pygraphviz; ImportError without it."""
    try:
        import pygraphviz  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - an optional part
    except ImportError as error:
        msg = "pygraphviz is not installed; `pip install pygraphviz` installs it"
        raise ImportError(msg) from error
    drawing = pygraphviz.AGraph(to_dot(graph))
    drawing.layout(prog="dot")
    return drawing


def save_graph_image(graph: Any, filename: str = "state_graph.png") -> None:  # noqa: ANN401 - as above
    """Write a drawing of the graph to a file; ImportError without pygraphviz."""
    render_graphviz(graph).draw(filename)


def _name(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z_]\w*", text) else quoted(text)


def _node(shape: Shape) -> str:
    if shape.kind in ("start", "end"):
        return f"{quoted(shape.name)} [label={shape.kind.upper()}, shape=ellipse];"
    return f"{quoted(shape.name)};"


def _edge(link: Link) -> str:
    label = f" [label={quoted(link.says)}{_STYLE[link.kind]}]" if link.says else ""
    return f"{quoted(link.source)} -> {quoted(link.target)}{label};"


def quoted(text: str) -> str:
    """Write a text as a string of DOT."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
