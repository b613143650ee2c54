"""How StateGraph calls the functions of nodes and conditions, and what it makes of results."""

# ruff: noqa: ANN401, ARG001, ARG005 - functions here take what the API lets them take

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest
from the_edge_agent import END, StateGraph

if TYPE_CHECKING:
    from collections.abc import Callable

State = dict[str, Any]


def final(run: Callable[..., Any], state: State, config: State | None = None) -> State:
    """Run one node, and give the final state."""
    graph = StateGraph({})
    graph.add_node("only", run)
    graph.set_entry_point("only")
    graph.set_finish_point("only")
    *_, last = graph.compile().invoke(state, config)
    assert last["type"] == "final", last
    found: State = last["state"]
    return found


class Adder:
    """A callable object."""

    def __call__(self, state: State) -> State:
        """Add one."""
        return {"x": state["x"] + 1}

    def method(self, state: State, config: State) -> State:
        """Add what the config says."""
        return {"x": state["x"] + config["by"]}


def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function as decorators do."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


def keywords_only(*, state: State, node: str) -> State:
    """Take everything by keyword."""
    return {"x": node + str(state["x"])}


def positional_only(state: State, /) -> State:
    """Take the state by position."""
    return {"x": state["x"] + 2}


CALLS: dict[str, tuple[Callable[..., Any], Any]] = {
    "state": (lambda state: {"x": state["x"] + 1}, 2),
    "state and config": (lambda state, config: {"x": state["x"] + config["by"]}, 11),
    "config first": (lambda config, state: {"x": config["by"] - state["x"]}, 9),
    "config alone": (lambda config: {"x": config["by"]}, 10),
    "node": (lambda state, node: {"x": node}, "only"),
    "graph": (lambda state, graph: {"x": type(graph).__name__}, "StateGraph"),
    "node and graph": (lambda node, graph: {"x": node in graph.graph.nodes}, True),
    "nothing": (lambda: {"x": "none"}, "none"),
    "default kept": (lambda state, other=5: {"x": state["x"] + other}, 6),
    "default of a known name": (lambda state, node="mine": {"x": node}, "only"),
    "only defaults": (lambda other=7: {"x": other}, 7),
    "kwargs": (
        lambda **kwargs: {"x": sorted(kwargs)[:4]},
        ["config", "graph", "node", "state"],
    ),
    "state and kwargs": (lambda state, **rest: {"x": rest["node"]}, "only"),
    "default and kwargs": (lambda state, other=3, **rest: {"x": other + rest["config"]["by"]}, 13),
    "args are left empty": (lambda *args, state: {"x": len(args)}, 0),
    "keywords only": (keywords_only, "only1"),
    "positional only": (positional_only, 3),
    "callable object": (Adder(), 2),
    "bound method": (Adder().method, 11),
    "partial": (functools.partial(lambda by, state: {"x": state["x"] + by}, 4), 5),
    "wrapped": (wrapped(lambda state, config: {"x": config["by"]}), 10),
    "mock": (Mock(return_value={"x": "mocked"}), "mocked"),
    "results by default": (lambda state, parallel_results=None: {"x": parallel_results}, None),
}


@pytest.mark.parametrize("case", CALLS)
def test_parameters_are_injected_by_name(case: str) -> None:
    """A function gets what it asks for, by name, and keeps its own defaults."""
    run, expected = CALLS[case]
    assert final(run, {"x": 1}, {"by": 10})["x"] == expected


RESULTS: dict[str, tuple[Any, State]] = {
    "a dict": ({"y": 2}, {"x": 1, "y": 2}),
    "an empty dict": ({}, {"x": 1}),
    "a key again": ({"x": 5}, {"x": 5}),
    "a number": (3, {"x": 1, "result": 3}),
    "a text": ("text", {"x": 1, "result": "text"}),
    "a list": ([1, 2], {"x": 1, "result": [1, 2]}),
    "nothing": (None, {"x": 1, "result": None}),
    "false": (False, {"x": 1, "result": False}),
    "zero": (0, {"x": 1, "result": 0}),
    "a dict of another class": (type("D", (dict,), {})(z=1), {"x": 1, "z": 1}),
}


@pytest.mark.parametrize("case", RESULTS)
def test_results_become_the_state(case: str) -> None:
    """A dict updates the state; anything else is put under `result`."""
    result, expected = RESULTS[case]
    assert final(lambda state: result, {"x": 1}) == expected


def named(state: State, missing: Any) -> State:
    """Ask for what nobody provides."""
    return {"x": missing}


REQUIRED: dict[str, tuple[Callable[..., Any], str]] = {
    "function": (named, "Required parameter 'missing' not provided for function 'named'"),
    "lambda": (
        lambda other: other,
        "Required parameter 'other' not provided for function '<lambda>'",
    ),
}


@pytest.mark.parametrize("case", REQUIRED)
@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_a_missing_parameter_is_an_error_of_the_node(case: str, method: str) -> None:
    """The message names the parameter and the function."""
    run, message = REQUIRED[case]
    graph = StateGraph({})
    graph.add_node("only", run)
    graph.set_entry_point("only")
    graph.set_finish_point("only")
    (event,) = getattr(graph.compile(), method)({"x": 1})
    assert event == {"type": "error", "node": "only", "error": message, "state": {"x": 1}}


CONDITIONS: dict[str, tuple[Callable[..., Any], dict[Any, str], str]] = {
    "state": (lambda state: state["x"] > 0, {True: "yes", False: "no"}, "yes"),
    "config": (lambda config: config["by"], {10: "yes", 11: "no"}, "yes"),
    "node": (lambda node: node, {"first": "yes", "only": "no"}, "yes"),
    "graph": (lambda state, graph: graph.raise_exceptions, {True: "no", False: "yes"}, "yes"),
    "kwargs": (lambda **kwargs: kwargs["state"]["x"], {1: "yes"}, "yes"),
    "text": (lambda state: "a", {"b": "no", "a": "yes"}, "yes"),
    "none as a key": (lambda state: None, {None: "yes"}, "yes"),
}


@pytest.mark.parametrize("case", CONDITIONS)
def test_conditions_are_called_as_nodes_are(case: str) -> None:
    """The result is looked up in the map."""
    condition, targets, expected = CONDITIONS[case]
    graph = StateGraph({})
    for name in ("first", "yes", "no"):
        graph.add_node(name, lambda node: {"at": node})
    graph.set_entry_point("first")
    graph.add_conditional_edges("first", condition, targets)
    graph.add_edge("yes", END)
    graph.add_edge("no", END)
    (event,) = graph.compile().invoke({"x": 1}, {"by": 10})
    assert event["state"]["at"] == expected
