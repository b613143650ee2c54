"""The drawing of a graph, read as a directed graph of networkx is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codeanatomy.workflow.digraph import Digraph

if TYPE_CHECKING:
    from collections.abc import Callable


def drawn() -> Digraph:
    """Draw a -> b twice, a -> c, and d alone."""
    graph = Digraph()
    graph.add_node("a", size=1)
    graph.add_edge("a", "b", first=True)
    graph.add_edge("a", "b", first=False)
    graph.add_edge("a", "c")
    graph.add_node("d")
    return graph


READ: dict[str, tuple[Callable[[Digraph], object], object]] = {
    "nodes": (list, ["a", "b", "c", "d"]),
    "length": (len, 4),
    "data of a node": (lambda g: g.nodes["a"], {"size": 1}),
    "nodes with data": (lambda g: g.nodes(data=True)[0], ("a", {"size": 1})),
    "pairs, each once": (lambda g: list(g.edges), [("a", "b"), ("a", "c")]),
    "number of pairs": (lambda g: (g.number_of_edges(), len(g.edges)), (2, 2)),
    "data of a pair is that of its first edge": (lambda g: g.edges["a", "b"], {"first": True}),
    "edges with data": (lambda g: g.edges(data=True)[1], ("a", "c", {})),
    "every edge": (lambda g: [e.target for e in g.drawn("a")], ["b", "b", "c"]),
    "successors": (lambda g: list(g.successors("a")), ["b", "c"]),
    "predecessors": (lambda g: list(g.predecessors("b")), ["a"]),
    "out": (lambda g: (g.out_edges("a"), g.out_degree("b")), ([("a", "b"), ("a", "c")], 0)),
    "in": (lambda g: (g.in_edges("c"), g.in_degree("c")), ([("a", "c")], 1)),
    "all out": (lambda g: g.out_edges(data=True)[0], ("a", "b", {"first": True})),
    "neighbours with data": (lambda g: g["a"], {"b": {"first": True}, "c": {}}),
    "edge data": (lambda g: g.get_edge_data("a", "c"), {}),
    "no edge data": (lambda g: g.get_edge_data("c", "a", "none"), "none"),
    "number of nodes": (lambda g: g.number_of_nodes(), 4),
    "contains": (lambda g: ("a" in g, "x" in g, g.has_node("d")), (True, False, True)),
    "joined": (lambda g: (g.has_edge("a", "b"), g.has_edge("b", "a")), (True, False)),
}


@pytest.mark.parametrize("case", READ)
def test_reading(case: str) -> None:
    """Names, pairs and data are where networkx has them."""
    look, expected = READ[case]
    assert look(drawn()) == expected


def test_a_pair_is_taken_away_with_all_its_edges() -> None:
    """What is not there cannot be taken away."""
    graph = drawn()
    graph.remove_edge("a", "b")
    assert list(graph.edges) == [("a", "c")]
    with pytest.raises(KeyError):
        graph.remove_edge("a", "b")


def test_a_node_is_taken_away_with_its_edges() -> None:
    """What is not there cannot be taken away."""
    graph = drawn()
    graph.remove_node("b")
    assert (list(graph), list(graph.edges)) == (["a", "c", "d"], [("a", "c")])
    with pytest.raises(KeyError):
        graph.remove_node("b")


@pytest.mark.parametrize(
    "read", [lambda g: g.predecessors("x"), lambda g: g["x"], lambda g: g.nodes["x"]]
)
def test_an_unknown_name(read: Callable[[Digraph], object]) -> None:
    """It is a KeyError."""
    with pytest.raises(KeyError):
        read(drawn())


def test_edges_can_be_asked_as_networkx_is() -> None:
    """By their source, with their data, as neighbours and as a mapping of mappings."""
    graph = Digraph()
    graph.add_edge("a", "b", n=1)
    graph.add_edge("a", "c", n=2)
    assert graph.edges("b") == []
    assert graph.edges("a", data=True) == [("a", "b", {"n": 1}), ("a", "c", {"n": 2})]
    assert graph.edges.data() == graph.edges(data=True)
    assert graph.nodes.data() == [("a", {}), ("b", {}), ("c", {})]
    assert list(graph.neighbors("a")) == ["b", "c"]
    assert graph.adj["a"]["c"] == {"n": 2}
