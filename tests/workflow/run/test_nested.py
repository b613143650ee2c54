"""A graph that is a node of another graph."""

from __future__ import annotations

from typing import Any

import pytest

from codeanatomy.workflow import END, StateGraph
from codeanatomy.workflow.spec import Nested
from tests.workflow.run.flows import Kept, fork, line, visit

State = dict[str, Any]


def test_the_inner_graph_sees_and_changes_the_state() -> None:
    """It begins with the outer state, and its changes come back."""
    graph = line("a", "in", "b", runs={"in": line("x", "y")})
    (event,) = graph.invoke({"kept": 1})
    assert event["state"] == {"kept": 1, "path": ["a", "x", "y", "b"]}


def test_stream_tells_the_node_and_not_its_insides() -> None:
    """For the outer graph it is one step."""
    graph = line("a", "in", runs={"in": line("x", "y")})
    assert [(e["type"], e.get("node")) for e in graph.stream({})] == [
        ("state", "a"),
        ("state", "in"),
        ("final", None),
    ]


def test_graphs_nest_deeply() -> None:
    """An inner graph may hold another."""
    graph = line("a", "in", runs={"in": line("x", "deep", runs={"deep": line("z")})})
    (event,) = graph.invoke({})
    assert event["state"]["path"] == ["a", "x", "z"]


def test_a_failure_inside_names_both_nodes() -> None:
    """The error belongs to the outer node and says where it happened."""
    graph = line("a", "in", runs={"in": line("x", runs={"x": lambda: 1 / 0})})
    (event,) = graph.invoke({})
    assert event["node"] == "in"
    assert event["error"] == "Error in node 'x': division by zero"


def test_an_inner_graph_has_its_own_limit() -> None:
    """Its cycle ends with an error of the outer node."""
    inner = StateGraph({})
    inner.add_node("x", visit)
    inner.set_entry_point("x")
    inner.add_edge("x", "x")
    graph = line("in", runs={"in": inner.compile(max_steps=3)})
    (event,) = graph.invoke({})
    assert event["error"].startswith("Step limit of 3 reached at node 'x'")


def test_an_inner_value_replaces_the_outer_one() -> None:
    """A reducer of the outer graph does not add what the inner graph began with."""
    inner = line("x", runs={"x": lambda state: {"n": state["n"] + 1}})
    graph = line("in", runs={"in": inner}, reducers={"n": "add"})
    (event,) = graph.invoke({"n": 5})
    assert event["state"] == {"n": 6}


def test_interrupts_inside() -> None:
    """The run waits inside the inner graph, and goes on there."""
    kept = Kept()
    inner = line("x", "y", interrupt_before=["y"], checkpointer=kept)
    graph = line("a", "in", "b", runs={"in": inner}, checkpointer=kept)
    (event,) = graph.invoke({})
    assert (event["type"], event["node"]) == ("interrupt", "in/y")
    assert event["state"] == {"path": ["a", "x"]}
    (last,) = graph.invoke({"yes": 1}, checkpoint=event["checkpoint_path"])
    assert last["state"] == {"yes": 1, "path": ["a", "x", "y", "b"]}


def test_interrupts_inside_a_branch_inside() -> None:
    """However deep a line waits, the answer finds it."""
    kept = Kept()
    inner = fork("p", "q", interrupt_after=["q"], checkpointer=kept)
    graph = line("a", "in", runs={"in": inner}, checkpointer=kept)
    *_, event = graph.invoke({})
    assert event["node"] == "in/q"
    *_, last = graph.invoke({"yes": 1}, checkpoint=event["checkpoint_path"])
    assert last["state"]["paths"] == [["a", "source", "p", "p2"], ["a", "source", "q", "q2"]]


@pytest.mark.parametrize("branch", ["p", "q"])
def test_a_branch_may_run_a_graph(branch: str) -> None:
    """An inner graph is a node wherever a node may be."""
    graph = fork("p", "q", runs={branch: line("x")})
    *_, last = graph.invoke({})
    expected = {"p": ["source", "p", "p2"], "q": ["source", "q", "q2"]}
    expected[branch][1] = "x"
    assert last["state"]["paths"] == list(expected.values())


def test_an_inner_graph_with_a_fan_out_streams_no_insides() -> None:
    """Its branches are not told either."""
    graph = line("in", runs={"in": fork("p", "q")})
    assert [e["type"] for e in graph.stream({})] == ["state", "final"]


def test_a_graph_that_was_not_compiled_runs_too() -> None:
    """It is compiled when it is first run."""
    inner = StateGraph({})
    inner.add_node("x", visit)
    inner.set_entry_point("x")
    inner.add_edge("x", END)
    (event,) = line("in", runs={"in": inner}).invoke({})
    assert event["state"] == {"path": ["x"]}


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_a_node_may_return_a_graph(method: str) -> None:
    """The graph it returns is run in its place."""

    def chosen(state: State) -> StateGraph:
        return line(*state["steps"])

    *_, event = getattr(line("a", "b", runs={"a": chosen}), method)({"steps": ["x", "y"]})
    assert event["state"]["path"] == ["x", "y", "b"]


def test_an_interrupt_in_a_graph_that_was_returned() -> None:
    """The node is asked for the graph again, and the run goes on inside it."""
    kept = Kept()
    calls: list[str] = []

    def chosen(node: str) -> StateGraph:
        calls.append(node)
        return line("x", "y", interrupt_after=["x"], checkpointer=kept)

    graph = line("a", runs={"a": chosen}, checkpointer=kept)
    (event,) = graph.invoke({})
    assert event["node"] == "a/x"
    (last,) = graph.invoke(None, checkpoint=event["checkpoint_path"])
    assert last["state"] == {"path": ["x", "y"]}
    assert calls == ["a", "a"]


def test_an_inner_graph_with_a_state_of_its_own() -> None:
    """It sees what it is given, and the node's result is made of its last state."""

    def start(state: State) -> Nested:
        inner = line("x", "y")
        return Nested(inner, {"path": [state["n"]]}, lambda last: {"inner": last["path"]})

    (event,) = line("a", "b", runs={"a": start}).invoke({"n": 1})
    assert event["state"] == {"n": 1, "inner": [1, "x", "y"], "path": ["b"]}


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_an_interrupt_in_a_state_of_its_own(method: str) -> None:
    """The answer goes to the inner state."""
    kept = Kept()
    inner = line("x", "y", interrupt_before=["y"], checkpointer=kept)

    def start() -> Nested:
        return Nested(inner, {"path": []}, lambda last: {"inner": last})

    graph = line("a", runs={"a": start}, checkpointer=kept)
    *_, event = getattr(graph, method)({})
    *_, last = getattr(graph, method)({"yes": 1}, checkpoint=event["checkpoint_path"])
    assert last["state"] == {"inner": {"path": ["x", "y"], "yes": 1}}
