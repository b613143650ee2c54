"""How updates of a key meet the value that is there."""

from __future__ import annotations

import operator
from typing import Any

import pytest

from codeanatomy.workflow.errors import ReducerError
from codeanatomy.workflow.reducers import BY_NAME, met, reducers_of
from tests.workflow.run.flows import line

State = dict[str, Any]
NOTHING = object()
MET: list[tuple[str, Any, Any, Any]] = [
    ("append", [1], 2, [1, 2]),
    ("append", [1], [2, 3], [1, 2, 3]),
    ("append", NOTHING, 1, [1]),
    ("append", NOTHING, [1], [1]),
    ("append", None, 1, [1]),
    ("append", (1,), 2, [1, 2]),
    ("add", 1, 2, 3),
    ("add", 1, 1, 2),
    ("add", "a", "b", "ab"),
    ("add", [1], [2], [1, 2]),
    ("add", NOTHING, 5, 5),
    ("add", None, 5, 5),
    ("merge", {"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
    ("merge", {"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}),
    ("merge", {"a": 1}, {"a": 2}, {"a": 2}),
    ("merge", {"a": {"x": 1}}, {"a": 2}, {"a": 2}),
    ("merge", NOTHING, {"a": 1}, {"a": 1}),
    ("merge", 3, {"a": 1}, {"a": 1}),
    ("replace", 1, 2, 2),
    ("last", 1, 2, 2),
    ("last", NOTHING, 2, 2),
]


@pytest.mark.parametrize(("name", "old", "new", "expected"), MET)
def test_a_reducer(name: str, old: Any, new: Any, expected: Any) -> None:  # noqa: ANN401 - any value
    """The old and the new value become one."""
    state = {} if old is NOTHING else {"k": old}
    assert met(state, reducers_of({"k": name}), {"k": new, "other": 1}) == {
        "k": expected,
        "other": 1,
    }


@pytest.mark.parametrize("name", BY_NAME)
def test_the_old_value_is_not_touched(name: str) -> None:
    """A state that was told before stays as it was."""
    old = {"a": {"x": 1}} if name == "merge" else [1]
    before = str(old)
    met({"k": old}, reducers_of({"k": name}), {"k": {"a": {"y": 2}} if name == "merge" else [2]})
    assert str(old) == before


def test_a_function_is_a_reducer() -> None:
    """It gets the old and the new value."""
    assert met({"k": 3}, reducers_of({"k": max}), {"k": 2}) == {"k": 3}
    assert met({"k": 3}, reducers_of({"k": operator.mul}), {"k": 2}) == {"k": 6}


@pytest.mark.parametrize("given", ["no-such", 3])
def test_an_unknown_reducer(given: Any) -> None:  # noqa: ANN401 - a wrong value
    """The message names those that there are."""
    with pytest.raises(ReducerError, match="'append'"):
        reducers_of({"k": given})


def test_the_whole_state_may_be_returned() -> None:
    """A list that comes back as it was given is not appended to itself."""
    graph = line("a", runs={"a": lambda state: {**state, "n": 1}}, reducers={"items": "append"})
    (event,) = graph.invoke({"items": [1]})
    assert event["state"] == {"items": [1], "n": 1}


@pytest.mark.parametrize("method", ["invoke", "stream"])
def test_a_run_reduces(method: str) -> None:
    """Every update goes through the reducer of its key."""

    def step(node: str) -> State:
        return {"log": node, "last": node}

    graph = line("a", "b", runs=dict.fromkeys("ab", step), reducers={"log": "append"})
    *_, event = getattr(graph, method)({})
    assert event["state"] == {"log": ["a", "b"], "last": "b"}


def test_a_reducer_that_fails_is_an_error_of_the_node() -> None:
    """Nothing of the update is taken."""
    graph = line("a", runs={"a": lambda: {"n": "x", "m": 1}}, reducers={"n": "add"})
    (event,) = graph.invoke({"n": 1})
    assert (event["type"], event["node"], event["state"]) == ("error", "a", {"n": 1})
