"""The drawing of a graph that is being declared: nodes and edges with their data, by name.

It reads like a directed graph of networkx (`nodes`, `edges`, `in`, `successors` ...), but two nodes
may be joined by several edges, which keep the order in which they were drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Data = dict[str, Any]


def always(**_: object) -> bool:
    """Stand as the condition of an edge without one."""
    return True


class Drawn(NamedTuple):
    """One edge as it was drawn; its data may be changed."""

    source: str
    target: str
    data: Data


class Nodes(Mapping[str, Data]):
    """The nodes in the order of their making; called with `data=True`, pairs with their data."""

    def __init__(self, rows: dict[str, Data]) -> None:
        self._rows = rows

    def __getitem__(self, name: str) -> Data:
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __call__(self, *, data: bool = False) -> list[Any]:
        """List the names, or pairs of name and data."""
        return self.data() if data else list(self._rows)

    def data(self) -> list[tuple[str, Data]]:
        """List pairs of name and data."""
        return list(self._rows.items())


class Edges(Mapping[tuple[str, str], Data]):
    """The pairs of nodes that an edge joins; the data of a pair is that of its first edge."""

    def __init__(self, out: dict[str, list[Drawn]]) -> None:
        self._out = out

    def __getitem__(self, pair: tuple[str, str]) -> Data:
        source, target = pair
        for edge in self._out.get(source, ()):
            if edge.target == target:
                return edge.data
        raise KeyError(pair)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(dict.fromkeys((e.source, e.target) for row in self._out.values() for e in row))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __call__(self, source: str | None = None, *, data: bool = False) -> list[Any]:
        """List the pairs (that begin at `source`), or triples with their data."""
        pairs = [pair for pair in self if source is None or pair[0] == source]
        return [(*pair, self[pair]) for pair in pairs] if data else pairs

    def data(self) -> list[tuple[str, str, Data]]:
        """List triples of the pairs and their data."""
        return self(data=True)


class Digraph:
    """Nodes and edges by name."""

    def __init__(self) -> None:
        self._nodes: dict[str, Data] = {}
        self._out: dict[str, list[Drawn]] = {}

    @property
    def nodes(self) -> Nodes:
        """The nodes, as a mapping from name to data."""
        return Nodes(self._nodes)

    @property
    def edges(self) -> Edges:
        """The joined pairs, as a mapping from (source, target) to data."""
        return Edges(self._out)

    def add_node(self, name: str, **data: Any) -> None:  # noqa: ANN401 - whatever a node carries
        """Draw a node, or add to the data of one that is there."""
        self._nodes.setdefault(name, {}).update(data)
        self._out.setdefault(name, [])

    def add_edge(self, source: str, target: str, **data: Any) -> None:  # noqa: ANN401 - as above
        """Draw one more edge; ends that are not there are drawn too."""
        for end in (source, target):
            if end not in self._nodes:
                self.add_node(end)
        self._out[source].append(Drawn(source, target, data))

    def remove_edge(self, source: str, target: str) -> None:
        """Take away every edge of a pair; KeyError where there is none."""
        kept = [e for e in self._out[source] if e.target != target]
        if len(kept) == len(self._out[source]):
            raise KeyError((source, target))
        self._out[source] = kept

    def remove_node(self, name: str) -> None:
        """Take away a node and its edges; KeyError where there is none."""
        del self._nodes[name]
        del self._out[name]
        for source, row in self._out.items():
            self._out[source] = [e for e in row if e.target != name]

    def drawn(self, source: str) -> list[Drawn]:
        """Every edge out of a node, in the order of drawing."""
        return self._out[source]

    def has_node(self, name: str) -> bool:
        """Say whether a node is there."""
        return name in self._nodes

    def has_edge(self, source: str, target: str) -> bool:
        """Say whether an edge leads from one node to another."""
        return (source, target) in self.edges

    def get_edge_data(self, source: str, target: str, default: Any = None) -> Any:  # noqa: ANN401 - data or the default
        """Return the data of a pair, or the default."""
        return self.edges.get((source, target), default)

    def successors(self, name: str) -> Iterator[str]:
        """Name the nodes that edges out of a node lead to, each once, in the order of drawing."""
        return iter(dict.fromkeys(e.target for e in self._out[name]))

    neighbors = successors

    def predecessors(self, name: str) -> Iterator[str]:
        """Name the nodes with an edge to a node."""
        self._nodes[name]
        return (source for source, target in self.edges if target == name)

    def out_edges(self, name: str | None = None, *, data: bool = False) -> list[Any]:
        """List the pairs that begin at a node (at any)."""
        return self.edges(name, data=data)

    def in_edges(self, name: str | None = None, *, data: bool = False) -> list[Any]:
        """List the pairs that end at a node (at any)."""
        return [e for e in self.edges(data=data) if name is None or e[1] == name]

    def out_degree(self, name: str) -> int:
        """Count the nodes that edges out of a node lead to."""
        return len(self.out_edges(name))

    def in_degree(self, name: str) -> int:
        """Count the nodes with an edge to a node."""
        return len(self.in_edges(name))

    @property
    def adj(self) -> dict[str, dict[str, Data]]:
        """The data of every edge, by its source and then by its target."""
        return {name: self[name] for name in self}

    def number_of_nodes(self) -> int:
        """Count the nodes."""
        return len(self._nodes)

    def number_of_edges(self) -> int:
        """Count the joined pairs."""
        return len(self.edges)

    def __contains__(self, name: object) -> bool:
        return name in self._nodes

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __getitem__(self, name: str) -> dict[str, Data]:
        self._nodes[name]
        return {target: self.edges[name, target] for target in self.successors(name)}
