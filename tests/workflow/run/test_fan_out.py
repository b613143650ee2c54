"""Where lines split and meet again, as the loop sees it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from codeanatomy.workflow import END, START, StateGraph
from tests.workflow.run.flows import Kept, fork, meet, visit

State = dict[str, Any]


def graph_of(*names: str) -> StateGraph:
    """Declare nodes that write down where the run was."""
    graph = StateGraph({})
    for name in names:
        graph.add_node(name, visit)
    return graph


def paths(state: State, parallel_results: list[Any]) -> State:
    """Put the paths of branches together, or what branches of theirs put together."""
    del state
    return {"paths": [r.get("paths") or r["path"] for r in parallel_results]}


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_branches_begin_with_the_state_and_meet(method: str) -> None:
    """Each runs on a copy."""
    *_, last = getattr(fork("p", "q", "r"), method)({})
    assert last["state"]["path"] == ["source"]
    assert sorted(last["state"]["paths"]) == [["source", b, f"{b}2"] for b in "pqr"]


def test_results_are_in_the_order_of_edges() -> None:
    """However long a branch takes."""
    *_, last = fork("r", "p", "q").invoke({})
    assert [p[1] for p in last["state"]["paths"]] == ["r", "p", "q"]


def test_the_start_may_split() -> None:
    """Branches may be the first thing that runs."""
    graph = graph_of("p", "q")
    graph.add_fanin_node("meet", meet)
    for name in "pq":
        graph.add_parallel_edge(START, name, "meet")
        graph.add_edge(name, "meet")
    graph.set_finish_point("meet")
    (event,) = graph.compile().invoke({})
    assert event["state"]["paths"] == [["p"], ["q"]]


def nested(depth_end: str) -> StateGraph:
    """Make a graph whose branch p splits into x and y, which meet at `depth_end`."""
    graph = graph_of("s", "p", "q", "x", "y")
    graph.add_fanin_node("inner", paths)
    graph.add_fanin_node("outer", paths)
    graph.set_entry_point("s")
    graph.add_parallel_edge("s", "p", "outer")
    graph.add_parallel_edge("s", "q", "outer")
    graph.add_edge("q", "outer")
    for name in "xy":
        graph.add_parallel_edge("p", name, depth_end)
        graph.add_edge(name, depth_end)
    graph.add_edge("inner", "outer")
    graph.set_finish_point("outer")
    return graph


def test_a_fan_out_inside_a_branch() -> None:
    """Every branch runs, inner ones too."""
    (event,) = nested("inner").compile().invoke({})
    assert event["state"]["paths"] == [[["s", "p", "x"], ["s", "p", "y"]], ["s", "q"]]


def test_inner_branches_may_end_where_the_outer_ones_do() -> None:
    """The branch they began in has their results."""
    (event,) = nested("outer").compile().invoke({})
    inner, other = event["state"]["parallel_results"]
    assert [r["path"] for r in inner["parallel_results"]] == [["s", "p", "x"], ["s", "p", "y"]]
    assert other["path"] == ["s", "q"]


def test_stream_tells_of_inner_branches() -> None:
    """Each step is told with the branch it belongs to."""
    told = [
        (e["branch"], e["node"])
        for e in nested("inner").compile().stream({})
        if e["type"] == "parallel_state"
    ]
    assert sorted(told) == [("p", "inner"), ("p", "p"), ("q", "q"), ("x", "x"), ("y", "y")]


@pytest.mark.parametrize("node", ["x", "y"])
def test_an_interrupt_in_an_inner_branch(node: str) -> None:
    """Only its own line waits; everything else is run once."""
    graph = nested("inner").compile(interrupt_before=[node], checkpointer=Kept())
    *_, event = graph.invoke({})
    assert (event["type"], event["node"]) == ("interrupt", node)
    *_, last = graph.invoke({"path": ["answered"]}, checkpoint=event["checkpoint_path"])
    expected = {name: ["s", "p", name] for name in "xy"}
    expected[node] = ["answered", node]
    assert last["state"]["paths"] == [list(expected.values()), ["s", "q"]]


def test_another_way_on_is_taken_too() -> None:
    """The results wait at the fan-in node until the line gets there."""
    graph = graph_of("s", "p", "other")
    graph.add_fanin_node("meet", meet)
    graph.set_entry_point("s")
    graph.add_parallel_edge("s", "p", "meet")
    graph.add_edge("p", "meet")
    graph.add_edge("s", "other")
    graph.add_edge("other", "meet")
    graph.set_finish_point("meet")
    (event,) = graph.compile().invoke({})
    assert event["state"]["path"] == ["s", "other"]
    assert event["state"]["paths"] == [["s", "p"]]


def test_branches_of_one_node_may_meet_at_several() -> None:
    """Each fan-in node has the results of its own."""
    graph = graph_of("s", "p", "q")
    graph.add_fanin_node(
        "one", lambda parallel_results: {"one": [r["path"] for r in parallel_results]}
    )
    graph.add_fanin_node(
        "two", lambda parallel_results: {"two": [r["path"] for r in parallel_results]}
    )
    graph.set_entry_point("s")
    graph.add_parallel_edge("s", "p", "one")
    graph.add_parallel_edge("s", "q", "two")
    graph.add_edge("p", "one")
    graph.add_edge("q", "two")
    graph.add_edge("one", "two")
    graph.set_finish_point("two")
    (event,) = graph.compile().invoke({})
    assert (event["state"]["one"], event["state"]["two"]) == ([["s", "p"]], [["s", "q"]])


def test_a_branch_without_a_way_on_is_lost() -> None:
    """The message says that it happened in parallel."""
    graph = graph_of("s", "p", "q")
    graph.add_fanin_node("meet")
    graph.set_entry_point("s")
    graph.add_parallel_edge("s", "p", "meet")
    graph.add_parallel_edge("s", "q", "meet")
    graph.add_edge("q", "meet")
    graph.set_finish_point("meet")
    first, *_ = graph.compile().invoke({})
    assert (first["type"], first["node"]) == ("error", "p")
    assert "No valid next node found from node 'p' in parallel flow" in first["error"]


def test_a_condition_that_raises_in_a_branch_is_its_failure() -> None:
    """The other branches are not concerned."""
    graph = graph_of("s", "p", "q")
    graph.add_fanin_node("meet")
    graph.set_entry_point("s")
    for name in "pq":
        graph.add_parallel_edge("s", name, "meet")
    graph.add_conditional_edges("p", lambda state: state["missing"], {True: "meet"})
    graph.add_edge("q", "meet")
    graph.set_finish_point("meet")
    first, *_, last = graph.compile().invoke({})
    assert (first["type"], first["node"]) == ("error", "p")
    assert [r.success for r in last["state"]["parallel_results"]] == [False, True]


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_a_parallel_edge_needs_its_fan_in_node(method: str) -> None:
    """Where the drawing lost it, the run says so."""
    graph = fork("p", "q")
    graph.edge("source", "p")["fan_in_node"] = None
    *_, event = getattr(graph, method)({})
    assert event["type"] == "error"
    assert event["error"] == (
        "Parallel edge from 'source' to 'p' must have 'fan_in_node' specified"
    )


@pytest.mark.parametrize("answer", ["x", "y"])
@pytest.mark.parametrize("kind", ["condition", "router"])
def test_a_choice_may_be_a_coroutine(kind: str, answer: str) -> None:
    """It is waited for."""

    async def choose() -> str:
        await asyncio.sleep(0)
        return answer

    graph = graph_of("x", "y")
    graph.add_node("s", visit, meta={"router": choose} if kind == "router" else None)
    graph.set_entry_point("s")
    if kind == "condition":
        graph.add_conditional_edges("s", choose, {"x": "x", "y": "y"})
    graph.add_edge("x", END)
    graph.add_edge("y", END)
    (event,) = graph.compile().invoke({})
    assert event["state"]["path"] == ["s", answer]


@pytest.mark.parametrize(("method", "kind"), [("invoke", "error"), ("stream", "parallel_error")])
def test_a_lost_inner_branch_is_told(method: str, kind: str) -> None:
    """Both views tell of it, however deep it is."""
    graph = nested("inner")
    graph.node("x")["run"] = lambda: 1 / 0
    told = [e for e in getattr(graph.compile(), method)({}) if "error" in e]
    assert [(e["type"], e["node"]) for e in told] == [(kind, "x")]
