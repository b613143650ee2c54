"""execute_scoped and validate_remote_scope."""

from __future__ import annotations

from typing import Any

import pytest
from the_edge_agent import END, StateGraph

State = dict[str, Any]


class Kept:
    """A checkpointer that keeps nothing."""

    def save(self, checkpoint_id: str, *_: object) -> str:
        """Give the id back."""
        return checkpoint_id


def graph_of(*, fail: bool = False, **options: Any) -> StateGraph:  # noqa: ANN401 - of the constructor
    """Make the line a-b-c-d, whose nodes write where they were; nothing leads to `alone`."""

    def visit(state: State, node: str) -> State:
        if fail and node == "b":
            raise ValueError("broken")
        return {"path": [*state.get("path", []), node]}

    graph = StateGraph({}, **options)
    for name in ("a", "b", "c", "d", "alone"):
        graph.add_node(name, visit)
    graph.set_entry_point("a")
    for one, two in (("a", "b"), ("b", "c"), ("c", "d")):
        graph.add_edge(one, two)
    graph.set_finish_point("d")
    return graph


SCOPES: dict[tuple[str, str], list[str]] = {
    ("a", "b"): ["a"],
    ("a", "c"): ["a", "b"],
    ("b", "d"): ["b", "c"],
    ("a", END): ["a", "b", "c", "d"],
    ("d", END): ["d"],
}


@pytest.mark.parametrize("scope", SCOPES)
def test_the_entry_runs_and_the_exit_does_not(scope: tuple[str, str]) -> None:
    """A scope is half open."""
    assert graph_of().compile().execute_scoped({}, *scope)["path"] == SCOPES[scope]


WRONG = {
    ("x", "b"): "Entry point 'x' not found in graph",
    ("a", "x"): "Exit point 'x' not found in graph",
    ("a", "a"): "Entry point and exit point cannot be the same: 'a'",
    ("a", "alone"): "No execution path from 'a' to 'alone'",
    ("d", "a"): "No execution path from 'd' to 'a'",
}


@pytest.mark.parametrize("scope", WRONG)
def test_a_wrong_scope_is_a_value_error(scope: tuple[str, str]) -> None:
    """The message names the node."""
    with pytest.raises(ValueError, match="a") as caught:
        graph_of().compile().execute_scoped({}, *scope)
    assert str(caught.value) == WRONG[scope]


def test_the_input_is_not_touched() -> None:
    """A scope works on a copy."""
    given: State = {"k": 1}
    assert graph_of().compile().execute_scoped(given, "a", "c") == {"k": 1, "path": ["a", "b"]}
    assert given == {"k": 1}


def test_a_failure_is_in_the_state() -> None:
    """What was done before is there too."""
    assert graph_of(fail=True).compile().execute_scoped({}, "a", "d") == {
        "path": ["a"],
        "_scoped_error": {"node": "b", "error": "broken"},
    }


def test_a_failure_is_raised_where_asked() -> None:
    """It comes from the original."""
    with pytest.raises(RuntimeError, match="Error in node 'b': broken") as caught:
        graph_of(fail=True, raise_exceptions=True).compile().execute_scoped({}, "a", "d")
    assert isinstance(caught.value.__cause__, ValueError)


def dead_end(**options: Any) -> StateGraph:  # noqa: ANN401 - of the constructor
    """Make a graph whose condition takes no way."""
    graph = StateGraph({}, **options)
    graph.add_node("a")
    graph.add_node("b")
    graph.add_conditional_edges("a", lambda: "other", {"some": "b"})
    return graph


def test_no_way_on_is_in_the_state() -> None:
    """The message says that it happened in a scope."""
    assert dead_end().execute_scoped({}, "a", "b")["_scoped_error"] == {
        "node": "a",
        "error": "No valid next node found from 'a' in scoped execution",
    }


def test_no_way_on_is_raised_where_asked() -> None:
    """The message is the same."""
    with pytest.raises(RuntimeError, match="No valid next node found from 'a' in scoped execution"):
        dead_end(raise_exceptions=True).execute_scoped({}, "a", "b")


def test_a_config_reaches_the_nodes() -> None:
    """It is injected as in a run."""
    graph = StateGraph({})
    graph.add_node("a", lambda config: {"k": config["k"]})
    graph.add_node("b")
    graph.add_edge("a", "b")
    assert graph.execute_scoped({}, "a", "b", {"k": 3}) == {"k": 3}


REMOTE: dict[str, tuple[list[str], list[str], list[str]]] = {
    "nothing": ([], [], []),
    "before": (["b"], [], ["has interrupt_before=True"]),
    "after": ([], ["b"], ["has interrupt_after=True"]),
    "both": (["b"], ["b"], ["has interrupt_before=True", "has interrupt_after=True"]),
    "entry": (["a"], [], ["has interrupt_before=True"]),
    "exit is outside": (["c"], ["d"], []),
}


@pytest.mark.parametrize("case", REMOTE)
def test_interrupts_inside_keep_a_scope_from_being_remote(case: str) -> None:
    """Each of them is told with its node."""
    before, after, expected = REMOTE[case]
    graph = graph_of().compile(before, after, checkpointer=Kept())
    found = graph.validate_remote_scope("a", "c")
    assert len(found) == len(expected)
    assert all(text in line for text, line in zip(expected, found, strict=True))
