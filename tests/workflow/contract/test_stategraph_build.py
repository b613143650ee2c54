"""What StateGraph refuses to declare, and how a declared graph is looked at."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from the_edge_agent import END, START, StateGraph

if TYPE_CHECKING:
    from collections.abc import Callable


def passing(state: dict[str, Any]) -> dict[str, Any]:
    """Change nothing."""
    return state


def choose(state: dict[str, Any]) -> bool:
    """Choose by the key `go`."""
    return bool(state.get("go"))


def graph_of(*names: str) -> StateGraph:
    """Make a graph with nodes that change nothing."""
    graph = StateGraph({"value": int})
    for name in names:
        graph.add_node(name, passing)
    return graph


REFUSED: dict[str, tuple[Callable[[StateGraph], object], str]] = {
    "node twice": (lambda g: g.add_node("a"), "Node 'a' already exists in the graph."),
    "fan-in node twice": (lambda g: g.add_fanin_node("a"), "Node 'a' already exists in the graph."),
    "run is no function": (
        lambda g: g.add_node("c", "text"),
        "Node 'c' cannot run 'text': give a function, a graph or nothing",
    ),
    "start is there": (
        lambda g: g.add_node(START),
        "Node '__start__' already exists in the graph.",
    ),
    "end is there": (lambda g: g.add_node(END), "Node '__end__' already exists in the graph."),
    "edge to nothing": (lambda g: g.add_edge("a", "x"), "Both nodes must exist in the graph."),
    "edge from nothing": (lambda g: g.add_edge("x", "a"), "Both nodes must exist in the graph."),
    "edge of nothing": (lambda g: g.add_edge("x", "y"), "Both nodes must exist in the graph."),
    "condition at nothing": (
        lambda g: g.add_conditional_edges("x", choose, {True: "a"}),
        "Node 'x' does not exist in the graph.",
    ),
    "condition to nothing": (
        lambda g: g.add_conditional_edges("a", choose, {True: "x"}),
        "Target node 'x' does not exist in the graph.",
    ),
    "second target is nothing": (
        lambda g: g.add_conditional_edges("a", choose, {True: "b", False: "y"}),
        "Target node 'y' does not exist in the graph.",
    ),
    "parallel from nothing": (
        lambda g: g.add_parallel_edge("x", "a", "b"),
        "All nodes must exist in the graph.",
    ),
    "parallel to nothing": (
        lambda g: g.add_parallel_edge("a", "x", "b"),
        "All nodes must exist in the graph.",
    ),
    "parallel meets nowhere": (
        lambda g: g.add_parallel_edge("a", "b", "x"),
        "All nodes must exist in the graph.",
    ),
    "entry is nothing": (
        lambda g: g.set_entry_point("x"),
        "Node 'x' does not exist in the graph.",
    ),
    "finish is nothing": (
        lambda g: g.set_finish_point("x"),
        "Node 'x' does not exist in the graph.",
    ),
    "interrupt before nothing": (
        lambda g: g.compile(interrupt_before=["x"], checkpointer=object()),
        "Interrupt node 'x' does not exist in the graph.",
    ),
    "interrupt after nothing": (
        lambda g: g.compile(interrupt_after=["x"], checkpointer=object()),
        "Interrupt node 'x' does not exist in the graph.",
    ),
    "unknown interrupt before storage": (
        lambda g: g.compile(interrupt_after=["x"]),
        "Interrupt node 'x' does not exist in the graph.",
    ),
    "checkpoint at nothing": (
        lambda g: g.save_checkpoint("never-written.pkl", {}, "x"),
        "Node 'x' does not exist in the graph.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_declaration_is_a_value_error(case: str) -> None:
    """The message says which node is wrong."""
    attempt, message = REFUSED[case]
    with pytest.raises(ValueError, match="graph") as caught:
        attempt(graph_of("a", "b"))
    assert str(caught.value) == message


@pytest.mark.parametrize("where", ["interrupt_before", "interrupt_after"])
def test_interrupts_need_storage(where: str) -> None:
    """The message names what would have worked."""
    with pytest.raises(ValueError, match="A checkpointer is required") as caught:
        graph_of("a").compile(**{where: ["a"]})
    assert str(caught.value).startswith(
        "A checkpointer is required when using interrupt_before or interrupt_after."
    )
    assert "checkpoint_dir" in str(caught.value)
    assert "MemoryCheckpointer" in str(caught.value)


MISSING: dict[str, tuple[Callable[[StateGraph], object], str]] = {
    "node": (lambda g: g.node("x"), "Node 'x' not found in the graph"),
    "successors": (lambda g: g.successors("x"), "Node 'x' not found in the graph"),
    "edge": (lambda g: g.edge("a", "b"), "Edge from 'a' to 'b' not found in the graph"),
    "edge of nothing": (lambda g: g.edge("x", "y"), "Edge from 'x' to 'y' not found in the graph"),
}


@pytest.mark.parametrize("case", MISSING)
def test_looking_for_what_is_not_there_is_a_key_error(case: str) -> None:
    """The message says what was looked for."""
    look, message = MISSING[case]
    with pytest.raises(KeyError) as caught:
        look(graph_of("a", "b"))
    assert message in str(caught.value)


def full_graph() -> StateGraph:
    """Make a graph with every kind of edge."""
    graph = graph_of("a", "b", "c")
    graph.add_fanin_node("join", passing)
    graph.add_node("plain")
    graph.set_entry_point("a")
    graph.add_conditional_edges("a", choose, {True: "b", False: "plain"})
    graph.add_parallel_edge("b", "c", "join")
    graph.add_edge("plain", "join")
    graph.set_finish_point("join")
    return graph


SEEN: dict[str, tuple[Callable[[StateGraph], object], object]] = {
    "start exists": (lambda g: START in g.graph.nodes, True),
    "end exists": (lambda g: END in g.graph.nodes, True),
    "node exists": (lambda g: "a" in g.graph.nodes, True),
    "no such node": (lambda g: "x" in g.graph.nodes, False),
    "graph contains": (lambda g: "a" in g.graph, True),
    "graph contains not": (lambda g: "x" in g.graph, False),
    "names in order": (
        lambda g: list(g.graph.nodes),
        [START, END, "a", "b", "c", "join", "plain"],
    ),
    "nodes called": (lambda g: g.graph.nodes()[:3], [START, END, "a"]),
    "nodes with data": (lambda g: dict(g.graph.nodes(data=True))["plain"]["run"], None),
    "run of a node": (lambda g: g.graph.nodes["a"]["run"], passing),
    "run of a node without": (lambda g: g.graph.nodes["plain"]["run"], None),
    "node": (lambda g: g.node("a")["run"], passing),
    "fan-in node": (lambda g: g.graph.nodes["join"]["fan_in"], True),
    "no fan-in node": (lambda g: bool(g.graph.nodes["a"].get("fan_in")), False),
    "start runs nothing": (lambda g: g.node(START)["run"], None),
    "edge exists": (lambda g: (START, "a") in g.graph.edges, True),
    "edge exists in a call": (lambda g: ("plain", "join") in g.graph.edges(), True),
    "no such edge": (lambda g: ("a", "join") in g.graph.edges, False),
    "has_edge": (lambda g: g.graph.has_edge("a", "b"), True),
    "has_node": (lambda g: g.graph.has_node("nope"), False),
    "entry edge": (lambda g: g.successors(START), ["a"]),
    "finish edge": (lambda g: g.successors("join"), [END]),
    "conditional successors in order": (lambda g: g.successors("a"), ["b", "plain"]),
    "parallel successors": (lambda g: g.successors("b"), ["c"]),
    "no successors": (lambda g: g.successors("c"), []),
    "graph.successors": (lambda g: list(g.graph.successors("a")), ["b", "plain"]),
    "graph.predecessors": (lambda g: sorted(g.graph.predecessors("join")), ["plain"]),
    "condition of an edge": (lambda g: g.edge("a", "b")["cond"], choose),
    "map of an edge": (lambda g: g.edge("a", "plain")["cond_map"], {True: "b", False: "plain"}),
    "condition of a plain edge": (lambda g: g.edge("plain", "join")["cond"](), True),
    "map of a plain edge": (lambda g: g.edge("plain", "join")["cond_map"], {True: "join"}),
    "parallel edge": (lambda g: g.edge("b", "c")["parallel"], True),
    "plain edge is not parallel": (lambda g: g.edge("plain", "join").get("parallel", False), False),
    "fan-in of an edge": (lambda g: g.edge("b", "c")["fan_in_node"], "join"),
    "config of an edge": (lambda g: g.edge("b", "c")["parallel_config"], None),
    "length": (lambda g: len(g.graph.nodes), 7),
    "edge count": (lambda g: g.graph.number_of_edges(), 6),
}


@pytest.mark.parametrize("case", SEEN)
def test_a_declared_graph_can_be_looked_at(case: str) -> None:
    """Nodes and edges are there by name, with what was declared."""
    look, expected = SEEN[case]
    assert look(full_graph()) == expected


def test_compile_returns_the_graph() -> None:
    """What is compiled is the graph itself."""
    graph = full_graph()
    assert graph.compile() is graph


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state_schema", {"value": int}),
        ("raise_exceptions", False),
        ("max_workers", None),
        ("log_state_values", False),
        ("parallel_config", None),
    ],
)
def test_defaults_of_the_constructor(name: str, value: object) -> None:
    """The constructor keeps what it is given."""
    assert getattr(StateGraph({"value": int}), name) == value


PARAMETERS = {
    "__init__": [
        "state_schema",
        "raise_exceptions",
        "max_workers",
        "log_level",
        "log_state_values",
        "parallel_config",
    ],
    "add_node": ["node", "run"],
    "add_fanin_node": ["node", "run"],
    "add_edge": ["in_node", "out_node"],
    "add_conditional_edges": ["in_node", "func", "cond"],
    "add_parallel_edge": ["in_node", "out_node", "fan_in_node", "config"],
    "set_entry_point": ["init_state"],
    "set_finish_point": ["final_state"],
    "compile": [
        "interrupt_before",
        "interrupt_after",
        "checkpoint_dir",
        "checkpointer",
        "parallel_config",
        "parallel_callbacks",
        "max_active_threads",
        "circuit_breaker_scope",
    ],
    "invoke": ["input_state", "config", "checkpoint"],
    "stream": ["input_state", "config", "checkpoint"],
    "execute_scoped": ["initial_state", "entry_point", "exit_point", "config"],
    "validate_remote_scope": ["entry_point", "exit_point"],
    "node": ["node_name"],
    "edge": ["in_node", "out_node"],
    "successors": ["node"],
    "reset_circuit": ["branch"],
    "reset_all_circuits": [],
    "get_circuit_states": [],
}


@pytest.mark.parametrize("method", PARAMETERS)
def test_positional_parameters(method: str) -> None:
    """The parameters of the API come in its order; what is more is by keyword only."""
    declared = inspect.signature(getattr(StateGraph, method)).parameters.values()
    names = [p.name for p in declared if p.kind is p.POSITIONAL_OR_KEYWORD and p.name != "self"]
    assert names == PARAMETERS[method]


def test_the_module_of_the_graph_brings_no_actions() -> None:
    """Nor anything else that a graph in Python does not need."""
    script = (
        "import sys, the_edge_agent.stategraph as s; s.StateGraph({}).add_node('a');"
        "heavy = ('actions', 'asyncio', 'jinja2', 'yaml', 'sqlalchemy', 'msgspec', 'requests');"
        "print([m for m in sys.modules if any(part in heavy for part in m.split('.'))])"
    )
    command = [sys.executable, "-c", script]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert printed.strip() == "[]"
