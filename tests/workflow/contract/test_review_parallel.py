"""Fan-in nodes that run alike whether a run is invoked, streamed, or run at the command line."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from the_edge_agent import END, MemoryCheckpointer, StateGraph, YAMLEngine

from tests.workflow.contract.tea import final_state, tea, written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FAN = """
name: fan
nodes:
- {name: begin, run: "return {'items': [1, 2, 3]}"}
- {name: total, run: "return {'total': sum(state['items'])}"}
- {name: count, run: "return {'count': len(state['items'])}"}
- name: join
  fan_in: true
  run: |
    return {"seen": sorted(EXPR for r in parallel_results), "parallel_results": None}
edges:
- {from: begin, to: [total, count], type: parallel, fan_in: join}
- {from: join, to: __end__}
"""
ASKED = [
    ("r.branch", ["count", "total"]),
    ("r['branch']", ["count", "total"]),
    ("r.success", [True, True]),
    ("r['success']", [True, True]),
    ("r.get('success')", [True, True]),
    ("str(r.error)", ["None", "None"]),
    ("len(r.state)", [2, 2]),
    ("r.get('total', 0) or r['count']", [3, 6]),
    ("('total' in r) + 0", [0, 1]),
    ("r.to_dict()['branch']", ["count", "total"]),
    ("'{{ state.parallel_results[0].success }}'", ["True", "True"]),
]


@pytest.mark.parametrize(("expression", "expected"), ASKED)
@pytest.mark.parametrize("view", ["invoke", "stream"])
def test_a_fan_in_asks_alike_in_every_view(
    view: str, expression: str, expected: list[object]
) -> None:
    """Fields of the result and values of the state, by attribute and by key."""
    engine = YAMLEngine()
    graph = engine.load_from_dict(yaml.safe_load(FAN.replace("EXPR", expression)))
    last = list(getattr(graph, view)({}))[-1]
    assert last["state"].get("seen") == expected, last
    engine.close()


def test_a_fan_in_asks_alike_at_the_command_line(tmp_path: Path) -> None:
    """`tea run` streams; the file was written for `invoke`."""
    result = tea("run", written(tmp_path, FAN.replace("EXPR", "(r.branch, r.success)")))
    assert final_state(result.stdout)["seen"] == [["count", True], ["total", True]]


def streamed() -> dict[str, Any]:
    """Return what a stream hands to a fan-in for its only branch."""
    kept: list[Any] = []
    graph = StateGraph({})
    graph.add_node("a")
    graph.add_node("b", lambda state: {"b": state["a"] + 1})
    graph.add_fanin_node("j", lambda parallel_results: kept.extend(parallel_results) or {})  # type: ignore[func-returns-value]  # `extend` gives None, so the `{}` is the update
    graph.set_entry_point("a")
    graph.add_parallel_edge("a", "b", "j")
    graph.add_edge("b", "j")
    graph.add_edge("j", END)
    list(graph.compile().stream({"a": 1}))
    (only,) = kept
    return only  # type: ignore[no-any-return]  # a stream's events hold anything


def test_in_a_stream_it_is_a_dict_like_any_other() -> None:
    """Equal to the state, and nothing but the state where it is walked over."""
    found = streamed()
    assert isinstance(found, dict)
    assert found == {"a": 1, "b": 2}
    assert sorted(found) == ["a", "b"]
    assert "success" not in found
    with pytest.raises(KeyError):
        found["nothing"]
    with pytest.raises(AttributeError):
        found.nothing  # type: ignore[attr-defined]  # noqa: B018 - asking is the test


@pytest.mark.parametrize("again", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])  # noqa: S301 - our own bytes
def test_it_can_be_copied(again: Callable[[Any], Any]) -> None:
    """A later fan-out copies the state that it stands in."""
    found = again(streamed())
    assert found == {"a": 1, "b": 2}
    assert found.branch == "b"


def test_it_can_be_stored() -> None:
    """An interrupt after the fan-in keeps the states of the branches, as dicts."""
    kept = MemoryCheckpointer()
    kept.save("one", {"parallel_results": [streamed()]}, "j")
    assert kept.load("one")["state"] == {"parallel_results": [{"a": 1, "b": 2}]}
