"""State schemas that are checked when asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict

import msgspec
import pytest

from codeanatomy.workflow import END, StateGraph
from codeanatomy.workflow.errors import StateSchemaError
from codeanatomy.workflow.schema import checker


class Typed(TypedDict, total=False):
    """A schema."""

    n: int
    names: list[str]


@dataclass
class Data:
    """The same schema."""

    n: int
    names: list[str]


class Struct(msgspec.Struct):
    """The same schema."""

    n: int
    names: list[str]


SCHEMAS: dict[str, Any] = {
    "dict": {"n": int, "names": list[str]},
    "TypedDict": Typed,
    "dataclass": Data,
    "Struct": Struct,
}
WRONG: list[dict[str, Any]] = [
    {"n": "1"},
    {"n": True},
    {"n": None},
    {"names": [1]},
    {"names": ("a",)},
]


@pytest.mark.parametrize("kind", SCHEMAS)
@pytest.mark.parametrize("state", [{}, {"n": 1}, {"n": 1, "names": ["a"], "more": object()}])
def test_what_fits(kind: str, state: dict[str, Any]) -> None:
    """Keys may be absent, and there may be others."""
    checker(SCHEMAS[kind])(state)


@pytest.mark.parametrize("kind", SCHEMAS)
@pytest.mark.parametrize("state", WRONG)
def test_what_does_not_fit(kind: str, state: dict[str, Any]) -> None:
    """The error names the key."""
    with pytest.raises(StateSchemaError) as caught:
        checker(SCHEMAS[kind])(state)
    assert caught.value.facts == {"key": next(iter(state))}


def test_classes_of_ones_own() -> None:
    """A class is checked by isinstance, a float takes an integer."""
    check = checker({"path": pytest.Item, "x": float, "any": Any})
    check({"x": 1, "any": 3})
    with pytest.raises(StateSchemaError):
        check({"path": "text"})


@pytest.mark.parametrize("schema", [{"n": "int"}, {"n": 3}, 5])
def test_what_is_no_schema(schema: Any) -> None:  # noqa: ANN401 - a wrong value
    """It is refused where it is declared to be checked."""
    with pytest.raises(StateSchemaError):
        StateGraph(schema).compile(check_schema=True)


def graph_of(run: Any, **options: Any) -> StateGraph:  # noqa: ANN401 - a node; of compile
    """Make a graph of one node."""
    graph = StateGraph({"n": int})
    graph.add_node("a", run)
    graph.set_entry_point("a")
    graph.add_edge("a", END)
    return graph.compile(**options)


def test_nothing_is_checked_unless_asked() -> None:
    """A schema alone is a remark."""
    (event,) = graph_of(lambda: {"n": "text"}).invoke({"n": "x"})
    assert event["state"] == {"n": "text"}


def test_an_update_that_does_not_fit_is_an_error_of_the_node() -> None:
    """The state stays as it was."""
    (event,) = graph_of(lambda: {"n": "text"}, check_schema=True).invoke({"n": 1})
    assert (event["type"], event["node"], event["state"]) == ("error", "a", {"n": 1})
    assert "state key 'n'" in event["error"]


def test_an_input_that_does_not_fit_is_refused() -> None:
    """Nothing is run."""
    with pytest.raises(StateSchemaError, match="state key 'n'"):
        list(graph_of(lambda: {"n": 2}, check_schema=True).invoke({"n": "x"}))
