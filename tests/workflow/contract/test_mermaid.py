"""Graphs drawn in Mermaid, word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from the_edge_agent import END, START, StateGraph, YAMLEngine

if TYPE_CHECKING:
    from collections.abc import Callable


def keep(state: dict[str, Any]) -> dict[str, Any]:
    """Do nothing."""
    return state


def chosen(state: dict[str, Any]) -> Any:  # noqa: ANN401 - the key of a map
    """Choose by the state."""
    return state.get("way")


def graph_of(*nodes: str) -> StateGraph:
    """Make a graph with nodes."""
    graph = StateGraph({})
    for node in nodes:
        graph.add_node(node, keep)
    return graph


def linear() -> StateGraph:
    """START -> a -> b -> END."""
    graph = graph_of("a", "b")
    graph.set_entry_point("a")
    graph.add_edge("a", "b")
    graph.set_finish_point("b")
    return graph


def deciding() -> StateGraph:
    """Two ways out of a."""
    graph = graph_of("a", "b", "c")
    graph.add_conditional_edges("a", chosen, {True: "b", False: "c"})
    return graph


def named() -> StateGraph:
    """Ways with names."""
    graph = graph_of("a", "b", "c")
    graph.add_conditional_edges("a", chosen, {"good": "b", 3: "c"})
    return graph


def branching() -> StateGraph:
    """Two branches that join."""
    graph = graph_of("a", "b", "c")
    graph.add_fanin_node("j", keep)
    for branch in ("b", "c"):
        graph.add_parallel_edge("a", branch, "j")
        graph.add_edge(branch, "j")
    return graph


@pytest.mark.parametrize(
    ("make", "lines"),
    [
        (
            linear,
            ["__start__((Start))", "__end__((End))", "a[a]", "b[b]", "__start__-->a", "a-->b"],
        ),
        (linear, ["b-->__end__"]),
        (deciding, ["a-->|true|b", "a-->|false|c"]),
        (named, ["a-->|good|b", "a-->|3|c"]),
        (branching, ["a-->|parallel→j|b", "a-->|parallel→j|c", "b-->j", "c-->j"]),
    ],
)
def test_a_graph_is_drawn(make: Callable[[], StateGraph], lines: list[str]) -> None:
    """A line a node and a line a pair, each indented by four."""
    found = make().to_mermaid().splitlines()
    assert found[0] == "graph TD"
    assert all(line.startswith("    ") and line[4] != " " for line in found[1:])
    assert [line for line in lines if f"    {line}" not in found] == []


@pytest.mark.parametrize("letter", list(" -.()[]{}<>|:;,&#"))
def test_an_id_is_made_of_safe_letters(letter: str) -> None:
    """The label keeps the name."""
    drawn = graph_of(f"a{letter}b").to_mermaid()
    assert "    a_b[" in drawn


@pytest.mark.parametrize(
    ("name", "label"), [('say "x"', "say 'x'"), ("a|b", "a/b"), ("two words", "two words")]
)
def test_a_label_is_made_safe(name: str, label: str) -> None:
    """Quotes and bars are replaced."""
    assert f"[{label}]" in graph_of(name).to_mermaid()


def test_two_names_never_share_an_id() -> None:
    """What looks the same gets a number."""
    graph = graph_of("a b", "a-b")
    graph.add_edge("a b", "a-b")
    drawn = graph.to_mermaid()
    assert "a_b[a b]" in drawn
    assert "a_b_2[a-b]" in drawn
    assert "a_b-->a_b_2" in drawn


def test_a_pair_has_one_line() -> None:
    """However many edges join it."""
    graph = graph_of("a", "b")
    for key in ("x", "y"):
        graph.add_conditional_edges("a", chosen, {key: "b"})
    drawn = graph.to_mermaid()
    assert drawn.count("-->") == 1


def test_an_agent_file_is_drawn() -> None:
    """After it was loaded, not before."""
    engine = YAMLEngine()
    assert engine.get_mermaid_graph() is None
    nodes = [{"name": "a", "run": "return {}"}, {"name": "b", "run": "return {}"}]
    edges = [
        {"from": START, "to": "a"},
        {"from": "a", "to": "b", "when": "state.x > 1"},
        {"from": "b", "to": END},
    ]
    engine.load_from_dict({"name": "t", "nodes": nodes, "edges": edges})
    lines = (engine.get_mermaid_graph() or "").splitlines()
    assert lines[0] == "graph TD"
    assert "    __start__-->a" in lines
    assert any(line.startswith("    a-->|") and line.endswith("|b") for line in lines)
    assert "    b-->__end__" in lines
    engine.close()


def test_rules_of_a_file_are_drawn() -> None:
    """A node with goto leads where its rules may lead."""
    engine = YAMLEngine()
    goto = [{"if": "state.x > 1", "to": "c"}, {"to": "b"}]
    nodes: list[dict[str, Any]] = [
        {"name": "a", "run": "return {}", "goto": goto},
        {"name": "b", "run": "return {}"},
        {"name": "c", "run": "return {}"},
    ]
    engine.load_from_dict({"name": "t", "nodes": nodes})
    lines = (engine.get_mermaid_graph() or "").splitlines()
    assert any(line.startswith("    a-->") and line.endswith("c") for line in lines)
    assert any(line.startswith("    a-->") and line.endswith("b") for line in lines)
    engine.close()


def test_graphviz_needs_its_library() -> None:
    """An ImportError that names it."""
    with pytest.raises(ImportError, match="pygraphviz"):
        linear().render_graphviz()
    with pytest.raises(ImportError, match="pygraphviz"):
        linear().save_graph_image("never.png")
