"""What every drawing of a graph shows: its nodes and the links between them, each pair once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from codeanatomy.workflow.digraph import always
from codeanatomy.workflow.names import END, START

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

NodeKind = Literal["start", "end", "node", "fan_in", "empty"]
LinkKind = Literal["plain", "conditional", "parallel"]


@dataclass(frozen=True, slots=True)
class Shape:
    """A node of a picture; `empty` is one that passes the state on."""

    name: str
    kind: NodeKind = "node"


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow of a picture; the label is empty where nothing is to be said.

    `condition` is the text of the condition, where its function has it as `said`.
    """

    source: str
    target: str
    label: str = ""
    kind: LinkKind = "plain"
    condition: str = ""

    @property
    def says(self) -> str:
        """What a person reads beside the arrow."""
        return self.condition or self.label


@dataclass(frozen=True, slots=True)
class Picture:
    """A graph as it is drawn."""

    shapes: tuple[Shape, ...]
    links: tuple[Link, ...] = field(default=())

    def successors(self, name: str) -> list[Link]:
        """List the arrows out of a node."""
        return [link for link in self.links if link.source == name]


def picture_of(graph: Any) -> Picture:  # noqa: ANN401 - a StateGraph, or what has a drawing like one
    """Take the picture of a declared graph."""
    drawing = graph.graph
    nodes = {name: drawing.nodes[name] for name in drawing.nodes}
    found = [link for name in nodes for link in _links(drawing, name, nodes[name])]
    return Picture(
        tuple(Shape(name, _kind(name, data)) for name, data in nodes.items()), tuple(_once(found))
    )


def picture_of_path(pairs: Iterable[tuple[str, str]]) -> Picture:
    """Take the picture of a path: pairs of a node and the one that came after it."""
    pairs = list(dict.fromkeys(pairs))
    names = dict.fromkeys([START, *(name for pair in pairs for name in pair)])
    links = tuple(Link(source, target) for source, target in pairs)
    return Picture(tuple(Shape(name, _kind(name, {"run": name})) for name in names), links)


def _kind(name: str, data: Mapping[str, Any]) -> NodeKind:
    if name == START:
        return "start"
    if name == END:
        return "end"
    if data.get("fan_in"):
        return "fan_in"
    return "node" if data.get("run") is not None else "empty"


def _links(drawing: Any, name: str, data: Mapping[str, Any]) -> Iterator[Link]:  # noqa: ANN401 - as above
    yield from _chosen(name, data.get("meta") or {})
    for _, target, edge in drawing.drawn(name):
        if edge.get("parallel"):
            yield Link(name, target, f"parallel→{edge.get('fan_in_node')}", "parallel")
        elif edge.get("cond", always) is not always and edge.get("cond_map") is not None:
            keys = [key for key, to in edge["cond_map"].items() if to == target]
            said = str(getattr(edge["cond"], "said", ""))
            for label in _labels(keys, edge["cond"]):
                yield Link(name, target, label, "conditional", said)
        else:
            yield Link(name, target)


def _labels(keys: list[Any], condition: Any) -> list[str]:  # noqa: ANN401 - as above
    if keys:
        return [str(key).lower() if isinstance(key, bool) else str(key) for key in keys]
    named = getattr(condition, "__name__", "<lambda>") != "<lambda>"
    return ["condition" if named else ""]


def _chosen(name: str, meta: Mapping[str, Any]) -> Iterator[Link]:
    """Draw what a node's own rules may name: names, or pairs of a condition and a name."""
    targets = meta.get("targets") or ()
    rows = targets.items() if isinstance(targets, dict) else targets
    for row in rows:
        label, target = ("", row) if isinstance(row, str) else (row[0], row[1])
        if target:
            yield Link(name, str(target), str(label or ""), "conditional" if label else "plain")


def _once(links: list[Link]) -> Iterator[Link]:
    """Put the arrows of one pair together: their labels, and the kind of the first."""
    rows: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        rows.setdefault((link.source, link.target), []).append(link)
    for (source, target), same in rows.items():
        labels = dict.fromkeys(link.label for link in same if link.label)
        said = dict.fromkeys(link.condition for link in same if link.condition)
        yield Link(source, target, " / ".join(labels), same[0].kind, " / ".join(said))
