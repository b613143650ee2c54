"""What is called around a run: the same for every view of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.hooks import Hooks
from codeanatomy.workflow.response import HTTPResponse
from tests.workflow.run.flows import line

if TYPE_CHECKING:
    from codeanatomy.workflow import StateGraph

State = dict[str, Any]


def graph_of(hooks: Hooks, run: Any = None) -> StateGraph:  # noqa: ANN401 - a node
    """Make a graph of one node with hooks."""
    graph = line("a", runs={"a": run} if run else None)
    graph.hooks = hooks
    return graph


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_a_begin_gives_the_state_to_start_from(method: str) -> None:
    """It may add to the input."""
    *_, event = getattr(graph_of(Hooks(begin=lambda s: ({**s, "more": 1}, []))), method)({})
    assert event["state"] == {"more": 1, "path": ["a"]}


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_a_wrong_input_is_the_only_event(method: str) -> None:
    """Nothing is run, nothing is saved."""
    saved: list[State] = []
    errors = [{"field": "x", "error": "required", "message": "Field 'x' is required"}]
    hooks = Hooks(begin=lambda s: (s, errors), save=saved.append)
    assert list(getattr(graph_of(hooks), method)({"y": 1})) == [
        {"type": "validation_error", "status_code": 422, "errors": errors, "state": {"y": 1}}
    ]
    assert saved == []


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_an_output_is_made_of_the_final_state(method: str) -> None:
    """It stands beside the state."""
    *_, event = getattr(graph_of(Hooks(output=lambda s: s["path"][0])), method)({})
    assert event == {"type": "final", "state": {"path": ["a"]}, "output": "a"}


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_the_final_state_is_saved(method: str) -> None:
    """Once, after the output."""
    saved: list[State] = []
    list(getattr(graph_of(Hooks(save=lambda s: saved.append(dict(s)))), method)({}))
    assert saved == [{"path": ["a"]}]


def test_a_failed_run_is_not_saved() -> None:
    """There is no final state."""
    saved: list[State] = []
    list(graph_of(Hooks(save=saved.append), lambda: 1 / 0).invoke({}))
    assert saved == []


def respond(state: State) -> State:
    """Answer a request."""
    del state
    raise HTTPResponse(201, {"id": 1}, {"X": "y"})


def test_an_answer_ends_an_invoke() -> None:
    """It is an event of its own."""
    (event,) = graph_of(Hooks(), respond).invoke({"n": 1})
    assert event == {
        "type": "http_response",
        "node": "a",
        "status": 201,
        "body": {"id": 1},
        "headers": {"Content-Type": "application/json", "X": "y"},
        "state": {"n": 1},
    }


def test_an_answer_is_an_error_of_stream() -> None:
    """It is told as any exception of a node."""
    (event,) = graph_of(Hooks(), respond).stream({"n": 1})
    assert event == {"type": "error", "node": "a", "error": "HTTP 201", "state": {"n": 1}}


def test_an_answer_is_raised_by_stream_where_failures_are() -> None:
    """As any exception of a node."""
    graph = graph_of(Hooks(), respond)
    graph.raise_exceptions = True
    with pytest.raises(RuntimeError, match="Error in node 'a': HTTP 201"):
        list(graph.stream({}))


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_an_answer_inside_an_inner_graph(method: str) -> None:
    """It ends the outer run as well."""
    graph = line("in", "b", runs={"in": line("x", runs={"x": respond})})
    *_, event = getattr(graph, method)({})
    assert event["type"] == {"invoke": "http_response", "stream": "error"}[method]
