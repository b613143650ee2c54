"""Nodes that lead to nodes, over a small graph whose every edge is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import codeanatomy as ca
from codeanatomy.cpg.graph.node import NotAnalysedError
from codeanatomy.cpg.graph.place import SourceError
from codeanatomy.kernel.errors import SpecError, UnknownNameError
from tests.graphs import FILE, write_graph

if TYPE_CHECKING:
    from pathlib import Path


def names(nodes: list[ca.Node]) -> list[str | None]:
    """Return what nodes are called."""
    return [node.name for node in nodes]


def test_plain_names_follow_the_usual_edges(zoo: ca.Graph) -> None:
    """Each goes the way it says."""
    animal, cat, meow = (zoo.node(f"zoo.{x}") for x in ("Animal", "Cat", "Cat.meow"))
    assert names(cat.contains) == ["meow"]
    assert cat.container == zoo.node("zoo")
    assert names(cat.bases) == ["Animal"]
    assert names(animal.subclasses) == ["Cat"]
    assert names(cat.members) == ["meow"]
    assert names(meow.parameters) == ["self", "times"]
    assert [node.line for node in animal.references] == [6]
    assert zoo.nodes(kind="file")[0].container is None


def test_any_kind_can_be_followed_both_ways(zoo: ca.Graph) -> None:
    """`out` and `into` take the name of the kind."""
    assert names(zoo.node("zoo").out("EXPORTS")) == ["Cat"]
    assert names(zoo.node("zoo.Cat").into("EXPORTS")) == ["zoo"]


def test_edges_say_what_shows_them(zoo: ca.Graph) -> None:
    """An edge has its place, method, confidence and facts; its ends are nodes."""
    edge = zoo.node("zoo.Cat").edges("INHERITS_FROM")[0]
    assert (edge.line, edge.confidence, edge.props) == (6, None, {"index": 0})
    assert (edge.src_node.name, edge.dst_node.name) == ("Cat", "Animal")


def test_edges_of_both_directions(zoo: ca.Graph) -> None:
    """In order of kind, then of ends."""
    edges = zoo.node("zoo.Cat").edges(direction="both")
    found = [(edge.kind, edge.src - FILE, edge.dst - FILE) for edge in edges]
    assert found == [
        ("CONTAINS", 1, 3),
        ("CONTAINS", 3, 4),
        ("EXPORTS", 1, 3),
        ("INHERITS_FROM", 3, 2),
        ("MEMBER_OF", 4, 3),
    ]


def test_what_was_not_analysed_is_not_nothing(zoo: ca.Graph) -> None:
    """A kind of edge that is absent for a reason raises it."""
    with pytest.raises(NotAnalysedError, match="control and data flow") as caught:
        zoo.node("zoo.Cat.meow").out("CFG")
    assert caught.value.exit_status == 1
    assert zoo.node("zoo.Cat").decorators == []


def test_an_unknown_edge_kind_names_the_nearest(zoo: ca.Graph) -> None:
    """And a direction is one of three."""
    with pytest.raises(UnknownNameError, match="'CONTAINS'"):
        zoo.node("zoo").out("CONTAIN")
    with pytest.raises(SpecError, match="out, in or both"):
        zoo.node("zoo").edges(direction="up")  # type: ignore[arg-type]  # what is tested


def test_facts_have_their_types(zoo: ca.Graph) -> None:
    """`props` gives text, whole numbers and truth values back."""
    assert zoo.node("zoo.Animal").docstring == "What breathes."
    assert zoo.node("zoo.Cat").docstring is None
    assert zoo.node("zoo.Cat.meow").props == {"is_async": False}
    assert zoo.node("zoo.Cat.meow.self").props == {"position": 0}


def test_source_is_read_from_the_repository(tmp_path: Path) -> None:
    """As long as the file is as it was; else an error says what became of it."""
    write_graph(tmp_path / "repo", tmp_path / "store")
    node = ca.open(tmp_path / "store").node("zoo.Cat.meow")
    assert node.source() == "def meow(self, times):\n        return times"
    (tmp_path / "repo" / "zoo.py").write_text("# new\n", "utf-8")
    with pytest.raises(SourceError, match="changed since"):
        node.source()
    (tmp_path / "repo" / "zoo.py").unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        node.source()


def test_a_node_shows_itself(zoo: ca.Graph) -> None:
    """As text, as HTML, and as rich markup, each escaped."""
    node = zoo.node("zoo.Cat")
    assert repr(node) == "<class zoo.Cat zoo.py:6>"
    assert node._repr_html_() == "<b>class</b> <code>zoo.Cat</code> zoo.py:6"
    assert node.__rich__() == "[bold]class[/bold] zoo.Cat [dim]zoo.py:6[/dim]"
    assert repr(node.edges("MEMBER_OF", "in")) == "[<MEMBER_OF meow -> Cat zoo.py>]"
    assert repr(node.edges("INHERITS_FROM")) == "[<INHERITS_FROM Cat -> Animal zoo.py:6>]"
