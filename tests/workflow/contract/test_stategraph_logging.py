"""What StateGraph writes to the log, and what it keeps out of it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from the_edge_agent import StateGraph

NAME = "the_edge_agent.stategraph"
State = dict[str, Any]


def run(caplog: pytest.LogCaptureFixture, method: str, **options: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - of the constructor
    """Run a graph of two nodes, the second of which may fail; give levels and messages."""

    def second(state: State) -> State:
        if state.get("fail"):
            raise ValueError("broken")
        return {"secret": state["secret"] + "!"}

    fail = options.pop("fail", False)
    with caplog.at_level(options.get("log_level", logging.WARNING), NAME):
        graph = StateGraph({}, **options)
        graph.add_node("first", lambda state: {"n": len(state)})
        graph.add_node("second", second)
        graph.set_entry_point("first")
        graph.add_edge("first", "second")
        graph.set_finish_point("second")
        list(getattr(graph.compile(), method)({"secret": "hush", "fail": fail}))
    return [(r.levelname, r.getMessage()) for r in caplog.records if r.name == NAME]


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_nothing_by_default(caplog: pytest.LogCaptureFixture, method: str) -> None:
    """A run that goes well is silent."""
    assert run(caplog, method) == []


@pytest.mark.parametrize("method", ["invoke", "stream"])
@pytest.mark.parametrize(
    "expected",
    [
        ("INFO", "Node 'first' completed successfully"),
        ("INFO", "Node 'second' completed successfully"),
        ("INFO", "Execution completed successfully"),
    ],
)
def test_info(caplog: pytest.LogCaptureFixture, method: str, expected: tuple[str, str]) -> None:
    """INFO tells of nodes that are done and of the end."""
    lines = run(caplog, method, log_level=logging.INFO)
    assert expected in lines
    assert {level for level, _ in lines} == {"INFO"}


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("invoke", "Entering node: first"),
        ("invoke", "Entering node: second"),
        ("invoke", "Starting execution with state keys: ['secret', 'fail']"),
        ("stream", "Entering node: first"),
        ("stream", "Starting stream execution with state keys: ['secret', 'fail']"),
    ],
)
def test_debug(caplog: pytest.LogCaptureFixture, method: str, expected: str) -> None:
    """DEBUG tells of the start and of every node that is entered."""
    assert ("DEBUG", expected) in run(caplog, method, log_level=logging.DEBUG)


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_errors(caplog: pytest.LogCaptureFixture, method: str) -> None:
    """A node that fails is told at any level."""
    assert run(caplog, method, fail=True) == [("ERROR", "Error in node 'second': broken")]


@pytest.mark.parametrize("shown", [True, False])
def test_values_only_where_asked(caplog: pytest.LogCaptureFixture, shown: bool) -> None:  # noqa: FBT001 - a case
    """The values of a state are in the log only with log_state_values."""
    lines = run(caplog, "invoke", log_level=logging.DEBUG, log_state_values=shown)
    assert any("hush" in text for _, text in lines) is shown


def test_no_way_on_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """It names the node."""
    graph = StateGraph({})
    graph.add_node("a")
    graph.set_entry_point("a")
    list(graph.compile().invoke({}))
    messages = [(r.levelname, r.getMessage()) for r in caplog.records if r.name == NAME]
    assert ("WARNING", "No valid next node found from node 'a'") in messages
