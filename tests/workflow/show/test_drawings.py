"""Pictures, their layout, and the drawings made of them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codeanatomy.workflow.dot.parse import parse_dot_string
from codeanatomy.workflow.graph import StateGraph
from codeanatomy.workflow.names import END, START
from codeanatomy.workflow.show.ascii import DONE, RUNNING, to_ascii
from codeanatomy.workflow.show.graphviz import to_dot
from codeanatomy.workflow.show.layout import place, ranks
from codeanatomy.workflow.show.picture import Link, Picture, Shape, picture_of, picture_of_path
from codeanatomy.workflow.show.svg import Path, to_svg

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = st.text(min_size=1, max_size=12)
SIZE: Callable[[str], tuple[float, float]] = lambda _: (80.0, 30.0)  # noqa: E731 - one size for all


def keep(state: dict[str, Any]) -> dict[str, Any]:
    """Do nothing."""
    return state


def diamond() -> StateGraph:
    """Make a graph with a choice, a fan-out, a loop."""
    graph = StateGraph({})
    for node in ("ask", "left", "right"):
        graph.add_node(node, keep)
    graph.add_node("through")
    graph.add_fanin_node("join", keep)
    graph.set_entry_point("ask")
    graph.add_conditional_edges("ask", keep, {"yes": "through", "no": "ask"})
    for branch in ("left", "right"):
        graph.add_parallel_edge("through", branch, "join")
        graph.add_edge(branch, "join")
    graph.set_finish_point("join")
    return graph


def picture(*pairs: str) -> Picture:
    """Make a picture of pairs like `ab`."""
    names = dict.fromkeys(letter for pair in pairs for letter in pair)
    return Picture(tuple(map(Shape, names)), tuple(Link(a, b) for a, b in map(tuple, pairs)))


def test_a_picture_knows_what_nodes_are() -> None:
    """Ends, nodes, meetings, and nodes that run nothing."""
    kinds = {shape.name: shape.kind for shape in picture_of(diamond()).shapes}
    assert kinds == {
        START: "start", END: "end", "ask": "node", "left": "node", "right": "node",
        "through": "empty", "join": "fan_in",
    }  # fmt: skip


def test_a_condition_says_what_it_is() -> None:
    """Where its function has words for it."""

    def condition(state: dict[str, Any]) -> bool:
        return bool(state)

    condition.said = "state.x > 1"  # type: ignore[attr-defined]  # what the loader sets
    graph = StateGraph({})
    for node in ("a", "b"):
        graph.add_node(node, keep)
    graph.add_conditional_edges("a", condition, {True: "b"})
    (link,) = picture_of(graph).links
    assert (link.label, link.says) == ("true", "state.x > 1")


def test_a_path_is_a_picture() -> None:
    """Every node and pair once."""
    path = picture_of_path([(START, "a"), ("a", "b"), ("b", "a"), ("a", "b"), ("b", END)])
    assert [shape.name for shape in path.shapes] == [START, "a", "b", END]
    assert len(path.links) == 4


@pytest.mark.parametrize(
    ("pairs", "rows"),
    [
        (("ab", "bc"), {"a": 0, "b": 1, "c": 2}),
        (("ab", "ac", "bd", "cd"), {"a": 0, "b": 1, "c": 1, "d": 2}),
        (("ab", "bc", "ac"), {"a": 0, "b": 1, "c": 2}),
        (("ab", "ba"), {"a": 0, "b": 1}),
        (("aa",), {"a": 0}),
        (("ab", "bc", "cb", "cd"), {"a": 0, "b": 1, "c": 2, "d": 3}),
    ],
)
def test_nodes_have_rows(pairs: tuple[str, ...], rows: dict[str, int]) -> None:
    """By the longest path, arrows that go back left out."""
    assert ranks(picture(*pairs)) == rows


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25))
def test_no_two_nodes_overlap(pairs: list[tuple[int, int]]) -> None:
    """Whatever the graph; every arrow has a route."""
    names = dict.fromkeys(str(n) for pair in pairs for n in pair)
    links = tuple(Link(str(a), str(b)) for a, b in dict.fromkeys(pairs))
    placed = place(Picture(tuple(map(Shape, names)), links), SIZE)
    centers = sorted((y, x) for x, y in placed.centers.values())
    for (y0, x0), (y1, x1) in pairwise(centers):
        assert y1 - y0 >= 30 or x1 - x0 >= 80
    assert all(0 <= x <= placed.width for x, _ in placed.centers.values())
    assert len(placed.routes) == len(links)


def test_a_graph_is_text() -> None:
    """Every node once, its ways on below it, marks behind it."""
    text = to_ascii(diamond(), {"ask": DONE, "through": RUNNING})
    assert text == (
        "(START)\n   │\n"
        "[ask] ✓\n   ├─[yes]─► [through]\n   └─[no]─► [ask]\n\n"
        "[through] *\n   ├─[parallel→join]─► [left]\n   └─[parallel→join]─► [right]\n\n"
        "[left]\n   └─► [join]\n\n"
        "[right]\n   │\n[join]\n   │\n(END)"
    )


def test_a_graph_is_dot_that_can_be_read_again() -> None:
    """The same nodes and edges come back."""
    parsed = parse_dot_string(to_dot(diamond(), 'my "flow"'))
    assert parsed.name == 'my "flow"'
    assert set(parsed.nodes) == {START, END, "ask", "left", "right", "through", "join"}
    assert parsed.nodes[START].shape == "ellipse"
    assert {(edge.source, edge.target, edge.label) for edge in parsed.edges} >= {
        ("ask", "through", "yes"), ("ask", "ask", "no"), ("join", END, ""),
    }  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES, NAMES), max_size=8))
def test_any_name_is_drawn_safely(rows: list[tuple[str, str, str]]) -> None:
    """The SVG is well-formed and holds nothing that runs."""
    names = dict.fromkeys(name for a, b, _ in rows for name in (a, b))
    pairs = {(a, b): label for a, b, label in rows}
    links = tuple(Link(a, b, label) for (a, b), label in pairs.items())
    drawn = to_svg(Picture(tuple(map(Shape, names)), links))
    plain = "".join(c if c.isprintable() or c == "\n" else "?" for c in drawn)
    root = ET.fromstring(plain)  # noqa: S314 - our own drawing
    assert {element.tag for element in root.iter()} <= {
        "svg", "defs", "marker", "path", "g", "title", "rect", "text",
    }  # fmt: skip


def test_the_path_taken_is_marked() -> None:
    """Nodes that ran, how often, arrows that were followed, the node that failed."""
    taken = {(START, "ask"): 1, ("ask", "ask"): 2, ("ask", "through"): 1}
    drawn = to_svg(picture_of(diamond()), Path({"ask": 3}, taken, {"ask": "failed"}))
    assert 'class="node node ran failed"' in drawn
    assert "×3" in drawn  # noqa: RUF001 - the sign itself
    assert drawn.count('class="taken') == 3
    assert drawn.count('class="arrow') == 5
