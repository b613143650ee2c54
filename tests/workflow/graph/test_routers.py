"""Nodes that name the next node themselves."""

from __future__ import annotations

from typing import Any

import pytest

from codeanatomy.workflow import END, StateGraph
from tests.workflow.run.flows import visit


def graph_of(router: Any) -> StateGraph:  # noqa: ANN401 - any function
    """Make a graph a -> b -> end whose node a has a router."""
    graph = StateGraph({})
    graph.add_node("a", visit, meta={"router": router, "targets": ["c"]})
    graph.add_node("b", visit)
    graph.add_node("c", visit)
    graph.set_entry_point("a")
    graph.add_edge("a", "b")
    graph.add_edge("b", END)
    graph.add_edge("c", END)
    return graph.compile()


@pytest.mark.parametrize(
    ("answer", "path"), [("c", ["a", "c"]), (None, ["a", "b"]), (END, ["a"]), ("", ["a", "b"])]
)
@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_a_router_comes_before_the_edges(method: str, answer: str | None, path: list[str]) -> None:
    """What it does not decide, the edges do."""
    *_, event = getattr(graph_of(lambda: answer), method)({})
    assert event["state"]["path"] == path


def test_a_router_is_called_as_a_node_is() -> None:
    """It may ask for the state and the config."""
    graph = graph_of(lambda state, config, node: config["to"] if state["go"] and node else None)
    (event,) = graph.invoke({"go": True}, {"to": "c"})
    assert event["state"]["path"] == ["a", "c"]


def test_a_router_that_names_nothing_there_is() -> None:
    """The error names both nodes."""
    with pytest.raises(ValueError, match="the router of node 'a' names 'x'"):
        list(graph_of(lambda: "x").invoke({}))


def test_a_scope_may_lead_along_a_router() -> None:
    """Its declared targets count as ways."""
    state = graph_of(lambda: "c").execute_scoped({}, "a", "c")
    assert state == {"path": ["a"]}
