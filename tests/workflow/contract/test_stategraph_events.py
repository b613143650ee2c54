"""The events of invoke and stream, and what is raised instead."""

# ruff: noqa: ARG001, ARG005 - functions here take what the API lets them take

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

import pytest
from the_edge_agent import END, START, StateGraph

if TYPE_CHECKING:
    from collections.abc import Callable

State = dict[str, Any]


def fail(state: State) -> State:
    """Fail."""
    raise ValueError("broken")


def line(*runs: Callable[..., Any] | None, **options: Any) -> StateGraph:  # noqa: ANN401 - of the constructor
    """Make a compiled line of nodes n0, n1, ..."""
    graph = StateGraph({}, **options)
    before = START
    for number, run in enumerate(runs):
        graph.add_node(f"n{number}", run)
        graph.add_edge(before, f"n{number}")
        before = f"n{number}"
    graph.add_edge(before, END)
    return graph.compile()


def plus(state: State) -> State:
    """Count."""
    return {"x": state["x"] + 1}


INVOKED: dict[str, tuple[StateGraph, list[State]]] = {
    "one node": (line(plus), [{"type": "final", "state": {"x": 1}, "output": None}]),
    "three nodes": (line(plus, plus, plus), [{"type": "final", "state": {"x": 3}, "output": None}]),
    "a node without run": (line(None), [{"type": "final", "state": {"x": 0}, "output": None}]),
    "a failure": (
        line(plus, fail, plus),
        [{"type": "error", "node": "n1", "error": "broken", "state": {"x": 1}}],
    ),
}
STREAMED: dict[str, tuple[StateGraph, list[State]]] = {
    "one node": (
        line(plus),
        [
            {"type": "state", "node": "n0", "state": {"x": 1}},
            {"type": "final", "state": {"x": 1}},
        ],
    ),
    "a node without run": (
        line(plus, None, plus),
        [
            {"type": "state", "node": "n0", "state": {"x": 1}},
            {"type": "state", "node": "n2", "state": {"x": 2}},
            {"type": "final", "state": {"x": 2}},
        ],
    ),
    "a failure": (
        line(plus, fail, plus),
        [
            {"type": "state", "node": "n0", "state": {"x": 1}},
            {"type": "error", "node": "n1", "error": "broken", "state": {"x": 1}},
        ],
    ),
}


@pytest.mark.parametrize("case", INVOKED)
def test_events_of_invoke(case: str) -> None:
    """Only how the run ends is told."""
    graph, expected = INVOKED[case]
    assert list(graph.invoke({"x": 0})) == expected


@pytest.mark.parametrize("case", STREAMED)
def test_events_of_stream(case: str) -> None:
    """Every node that runs something is told, and how the run ends."""
    graph, expected = STREAMED[case]
    assert list(graph.stream({"x": 0})) == expected


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_a_generator_is_returned(method: str) -> None:
    """Nothing happens before the first event is asked for."""
    graph = line(fail)
    assert isinstance(getattr(graph, method)({}), types.GeneratorType)


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_no_state_and_no_checkpoint(method: str) -> None:
    """The first event raises, and the message names the method."""
    events = getattr(line(plus), method)(None)
    with pytest.raises(ValueError, match="checkpoint parameter required") as caught:
        next(events)
    assert str(caught.value).startswith(
        "checkpoint parameter required when input_state is None. "
        f"Use {method}(None, checkpoint='...')"
    )


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_failures_are_raised_where_asked(method: str) -> None:
    """With raise_exceptions the error names the node and comes from the original."""
    graph = line(plus, fail, raise_exceptions=True)
    with pytest.raises(RuntimeError) as caught:
        list(getattr(graph, method)({"x": 0}))
    assert str(caught.value) == "Error in node 'n1': broken"
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_the_input_is_not_touched(method: str) -> None:
    """A run works on a copy."""
    given = {"x": 0}
    list(getattr(line(plus), method)(given))
    assert given == {"x": 0}


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_the_config_is_copied(method: str) -> None:
    """What a node does to the config stays in the run."""
    given = {"k": 1}
    list(getattr(line(lambda state, config: config.update(k=2)), method)({}, given))
    assert given == {"k": 1}


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_an_empty_state_is_a_state(method: str) -> None:
    """Only None asks for a checkpoint."""
    assert list(getattr(line(None), method)({}))[-1]["type"] == "final"


def test_states_of_stream_are_of_their_moment() -> None:
    """A later node does not change what was told before."""
    events = list(line(plus, plus).stream({"x": 0}))
    assert [e["state"]["x"] for e in events] == [1, 2, 2]


def routed(condition: Callable[..., Any], targets: dict[Any, str], **options: Any) -> StateGraph:  # noqa: ANN401 - of the constructor
    """Make a graph with a choice after node a."""
    graph = StateGraph({}, **options)
    for name in ("a", "b", "c"):
        graph.add_node(name, lambda node: {"at": node})
    graph.set_entry_point("a")
    graph.add_conditional_edges("a", condition, targets)
    graph.add_edge("b", END)
    graph.add_edge("c", END)
    return graph


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_no_way_on_is_an_error_event(method: str) -> None:
    """The message names the node."""
    graph = routed(lambda state: "other", {"some": "b"}).compile()
    *_, last = getattr(graph, method)({})
    assert last == {
        "type": "error",
        "node": "a",
        "error": "No valid next node found from node 'a'",
        "state": {"at": "a"},
    }


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_no_way_on_is_raised_where_asked(method: str) -> None:
    """It is a RuntimeError."""
    graph = routed(lambda state: "other", {"some": "b"}, raise_exceptions=True).compile()
    with pytest.raises(RuntimeError, match="No valid next node found from node 'a'"):
        list(getattr(graph, method)({}))


def test_a_node_without_edges_is_an_error() -> None:
    """Nothing leads on from it, not even to the end."""
    graph = StateGraph({})
    graph.add_node("a", plus)
    graph.set_entry_point("a")
    (event,) = graph.compile().invoke({"x": 0})
    assert event["error"] == "No valid next node found from node 'a'"


def test_a_graph_without_entry_is_an_error() -> None:
    """Nothing leads on from the start."""
    graph = StateGraph({})
    graph.add_node("a", plus)
    (event,) = graph.compile().invoke({"x": 0})
    assert (event["type"], event["node"]) == ("error", START)
    assert event["error"] == "No valid next node found from node '__start__'"


@pytest.mark.parametrize("raising", [False, True])
@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_a_condition_that_raises_is_not_caught(method: str, raising: bool) -> None:  # noqa: FBT001 - a case
    """Its own exception comes out."""
    graph = routed(lambda state: state["missing"], {True: "b"}, raise_exceptions=raising).compile()
    with pytest.raises(KeyError, match="missing"):
        list(getattr(graph, method)({}))


def test_conditions_are_tried_in_the_order_of_their_making() -> None:
    """The first map that has the result wins."""
    graph = routed(lambda state: "x", {"y": "b"})
    graph.add_conditional_edges("a", lambda state: "x", {"x": "c"})
    graph.add_conditional_edges("a", lambda state: "x", {"x": "b"})
    (event,) = graph.compile().invoke({})
    assert event["state"]["at"] == "c"


def test_a_plain_edge_catches_what_no_condition_takes() -> None:
    """It stands after them."""
    graph = routed(lambda state: "x", {"y": "b"})
    graph.add_edge("a", "c")
    (event,) = graph.compile().invoke({})
    assert event["state"]["at"] == "c"


@pytest.mark.parametrize(("go", "expected"), [(1, "b"), (2, "b"), (3, "c")])
def test_conditions_between_the_same_nodes_coexist(go: int, expected: str) -> None:
    """Each of them is asked."""
    graph = routed(lambda state: state["go"] == 1, {True: "b"})
    graph.add_conditional_edges("a", lambda state: state["go"] == 2, {True: "b"})
    graph.add_edge("a", "c")
    (event,) = graph.compile().invoke({"go": go})
    assert event["state"]["at"] == expected


def test_an_empty_target_is_no_match() -> None:
    """The next edge is tried."""
    graph = routed(lambda state: "x", {"x": ""})
    graph.add_edge("a", "c")
    (event,) = graph.compile().invoke({})
    assert event["state"]["at"] == "c"


@pytest.mark.parametrize(("stop", "expected"), [(True, "a"), (False, "b")])
def test_a_condition_to_the_end_is_respected(stop: bool, expected: str) -> None:  # noqa: FBT001 - a case
    """It ends the run only where it holds."""
    graph = routed(lambda state: state["stop"], {True: END, False: "b"}).compile()
    (event,) = graph.invoke({"stop": stop})
    assert event["state"]["at"] == expected


@pytest.mark.parametrize("entry", ["b", "c"])
def test_the_start_may_choose(entry: str) -> None:
    """Conditional edges out of __start__ choose the first node."""
    graph = StateGraph({})
    for name in ("b", "c"):
        graph.add_node(name, lambda node: {"at": node})
        graph.set_finish_point(name)
    graph.add_conditional_edges(START, lambda state: state["to"], {"b": "b", "c": "c"})
    (event,) = graph.compile().invoke({"to": entry})
    assert event["state"]["at"] == entry


def cycle(times: int) -> StateGraph:
    """Make a graph that counts up to a number."""
    graph = StateGraph({})
    graph.add_node("count", plus)
    graph.set_entry_point("count")
    graph.add_conditional_edges(
        "count", lambda state: state["x"] < times, {True: "count", False: END}
    )
    return graph


@pytest.mark.parametrize("times", [1, 2, 1000])
def test_a_cycle_runs_until_its_condition_ends_it(times: int) -> None:
    """The same node runs again and again."""
    (event,) = cycle(times).compile().invoke({"x": 0})
    assert event["state"] == {"x": times}


def test_a_cycle_has_a_step_limit() -> None:
    """The default is 10,000 steps; the error names the node and what would help."""
    (event,) = cycle(20_000).compile().invoke({"x": 0})
    assert (event["type"], event["node"]) == ("error", "count")
    assert event["state"] == {"x": 10_000}
    assert event["error"].startswith("Step limit of 10000 reached at node 'count'")


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_the_step_limit_can_be_set(method: str) -> None:
    """Both views stop at the same step."""
    *_, event = getattr(cycle(20).compile(max_steps=5), method)({"x": 0})
    assert (event["type"], event["state"]) == ("error", {"x": 5})


def test_a_run_without_compile() -> None:
    """A graph that was only declared can be run."""
    (event,) = cycle(3).invoke({"x": 0})
    assert event["state"] == {"x": 3}


def test_a_node_added_after_compile_takes_part() -> None:
    """What is declared later is compiled when the graph is run."""
    graph = line(plus)
    graph.add_node("late", plus)
    graph.graph.remove_edge("n0", END)
    graph.add_edge("n0", "late")
    graph.set_finish_point("late")
    (event,) = graph.invoke({"x": 0})
    assert event["state"] == {"x": 2}
