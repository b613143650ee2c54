"""State schemas that are checked when asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

import msgspec
import pytest

from codeanatomy.workflow import END, START, MemoryCheckpointer, StateGraph, YAMLEngine
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


@pytest.mark.parametrize("checkpoint", [False, True])
def test_an_input_that_does_not_fit_is_an_error(*, checkpoint: bool) -> None:
    """Nothing is run; what a person answers is an input too, and the run still waits."""
    stops = {"interrupt_before": ["a"], "checkpointer": MemoryCheckpointer()}
    graph = graph_of(lambda: {"n": 2}, check_schema=True, **(stops if checkpoint else {}))
    place = list(graph.invoke({"n": 1}))[-1].get("checkpoint_path") if checkpoint else None
    (event,) = graph.invoke({"n": "x"}, checkpoint=place)
    assert (event["type"], event["node"], event["state"]) == ("error", START, {"n": "x"})
    assert "state key 'n'" in event["error"]
    if checkpoint:
        (end,) = graph.invoke({"n": 5}, checkpoint=place)
        assert end["state"] == {"n": 2}


@pytest.mark.parametrize(("given", "node"), [("x", START), (1, "a")])
def test_what_does_not_fit_is_raised_where_failures_are(given: object, node: str) -> None:
    """The input like the result of a node, from the error of the schema."""
    graph = StateGraph({"n": int}, raise_exceptions=True)
    graph.add_node("a", lambda: {"n": "text"})
    graph.set_entry_point("a")
    graph.set_finish_point("a")
    graph.compile(check_schema=True)
    with pytest.raises(RuntimeError, match=f"Error in node '{node}': state key 'n'") as caught:
        list(graph.invoke({"n": given}))
    assert isinstance(caught.value.__cause__, StateSchemaError)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (int | None, [1, None], ["x"]),
        (list[int] | None, [[1], None], [(1,), ["a"]]),
        (Annotated[float | str, "a remark"], [1, 1.5, "a"], [[1]]),
    ],
)
def test_unions(kind: Any, good: list[Any], bad: list[Any]) -> None:  # noqa: ANN401 - a type
    """A value fits one of them."""
    check = checker({"k": kind})
    for value in good:
        check({"k": value})
    for value in bad:
        with pytest.raises(StateSchemaError):
            check({"k": value})


@pytest.mark.parametrize("declared", ["int", "integer", {"type": "int", "default": 0}])
def test_an_agent_file_names_its_types(declared: Any) -> None:  # noqa: ANN401 - what a file says
    """As in `input_schema`; None says that nothing is there."""
    definition = {
        "state_schema": {"n": declared, "more": "any"},
        "config": {"check_schema": True},
        "nodes": [{"name": "a", "run": "return {'n': state['next'], 'more': 1}"}],
    }
    with YAMLEngine() as engine:
        graph = engine.load_from_dict(definition)
        found = [list(graph.invoke({"n": 1, "next": n}))[-1]["type"] for n in (2, None, "x")]
    assert found == ["final", "final", "error"]


def test_an_agent_file_that_names_no_type() -> None:
    """What would have worked is said."""
    definition = {
        "state_schema": {"n": "whole"},
        "config": {"check_schema": True},
        "nodes": [{"name": "a"}],
    }
    with (
        YAMLEngine() as engine,
        pytest.raises(ValueError, match=r"state_schema\.n: 'whole' is no type; .* str, int"),
    ):
        engine.load_from_dict(definition)
