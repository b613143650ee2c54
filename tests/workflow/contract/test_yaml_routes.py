"""Where a run goes: goto, edges, the next in the list, fallbacks, branches."""

# ruff: noqa: E501, ISC004 - actions take a state; an agent is a line

from __future__ import annotations

from typing import Any

import pytest

from tests.workflow.contract.yaml_runs import State, engine_with, events, final, parsed


def path(text: str, state: State | None = None) -> list[str]:
    """Run an agent whose nodes write their names down; return the names."""
    definition = parsed(text)
    for node in definition["nodes"]:
        node.setdefault("run", f"return {{'seen': state.get('seen', []) + ['{node['name']}']}}")
    with engine_with() as engine:
        told = list(engine.load_from_dict(definition).invoke(state or {}))
    last = told[-1]
    seen: list[str] = last["state"].get("seen", [])
    return seen if last["type"] == "final" else [*seen, f"{last['type']}: {last.get('error')}"]


ROUTES: list[tuple[str, State, list[str]]] = [
    ("nodes: [{name: a}, {name: b}]", {}, ["a", "b"]),
    ("nodes: [{name: a, goto: c}, {name: b}, {name: c}]", {}, ["a", "c"]),
    ("nodes: [{name: a, goto: __end__}, {name: b}]", {}, ["a"]),
    ("nodes: [{name: a}, {name: b}]\nedges: [{from: __start__, to: b}]", {}, ["b"]),
    ("nodes: [{name: a}, {name: b}]\nedges: [{to: b, type: entry}]", {}, ["b"]),
    ("nodes: [{name: a}, {name: b}]\nedges: [{from: a, type: finish}]", {}, ["a"]),
    ("nodes: [{name: a}, {name: b}]\nedges: [{from: a, to: __end__}]", {}, ["a"]),
    ("nodes: [{name: a}, {name: b}, {name: c}]\nedges: [{from: a, to: c}]", {}, ["a", "c"]),
    (
        "nodes: [{name: a, goto: b}, {name: b}, {name: c}]\nedges: [{from: a, to: c}]",
        {},
        ["a", "b", "c"],
    ),
    (
        "nodes: [{name: a, goto: [{if: 'state.k', to: c}]}, {name: b}, {name: c}]",
        {"k": 1},
        ["a", "c"],
    ),
    (
        "nodes: [{name: a, goto: [{if: 'state.k', to: c}]}, {name: b}, {name: c}]",
        {},
        ["a", "b", "c"],
    ),
    (
        "nodes: [{name: a, goto: [{if: 'state.k', to: c}, {to: d}]}, {name: b}, {name: c}, {name: d}]",
        {},
        ["a", "d"],
    ),
    (
        "nodes: [{name: a, goto: [{if: 'state.k', to: b}]}, {name: b}, {name: c}]\n"
        "edges: [{from: a, to: c}]",
        {},
        ["a", "c"],
    ),
    (
        "nodes: [{name: a, goto: [{if: 'state.k > 5', to: b}, {if: 'state.k < 0', to: b}, {to: c}]},"
        " {name: b}, {name: c}]",
        {"k": -1},
        ["a", "b", "c"],
    ),
    (
        "nodes: [{name: a}, {name: b}, {name: c}]\nedges: [{from: a, to: b, when: '!k'}, {from: a, to: c}]",
        {"k": 1},
        ["a", "c"],
    ),
    (
        "nodes: [{name: a}, {name: b}]\n"
        "edges: [{from: a, to: b, when: 'state.k > 5'}, {from: a, to: b, when: 'state.k < 0'},"
        " {from: a, to: __end__}]",
        {"k": -1},
        ["a", "b"],
    ),
    (
        "nodes: [{name: a}, {name: b}]\nedges: [{from: a, to: __end__, when: k}, {from: a, to: b}]",
        {"k": 0},
        ["a", "b"],
    ),
    (
        "nodes: [{name: a}, {name: b}]\nedges: [{from: a, to: __end__, when: k}, {from: a, to: b}]",
        {"k": 1},
        ["a"],
    ),
    (
        "nodes: [{name: a}, {name: b}, {name: c}]\nedges: [{from: a, to: c, when: 'true'}, {from: a, to: b}]",
        {},
        ["a", "c"],
    ),
    (
        "nodes: [{name: a}, {name: b}, {name: c}]\nedges: [{from: a, to: c, when: 'false'}, {from: a, to: b}]",
        {},
        ["a", "b", "c"],
    ),
    (
        "nodes: [{name: a}, {name: b}, {name: c}]\n"
        "edges: [{from: a, to: c, condition: k, when: false}, {from: a, to: b}]",
        {"k": 0},
        ["a", "c"],
    ),
    (
        "nodes: [{name: a}, {name: b}, {name: c}]\n"
        "edges: [{from: a, to: b, condition: 'state.kind', when: x},"
        " {from: a, to: c, condition: 'state.kind', when: y}]",
        {"kind": "y"},
        ["a", "c"],
    ),
    (
        "nodes: [{name: a}, {name: b}]\nedges: [{from: a, to: b, condition: 'state.k > 5'}]",
        {"k": 1},
        ["a", "error: No valid next node found from node 'a'"],
    ),
    (
        "nodes: [{name: a}, {name: b}]\n"
        "edges: [{from: __start__, to: b, when: k}, {from: __start__, to: a}]",
        {"k": 1},
        ["b"],
    ),
]


@pytest.mark.parametrize(("text", "state", "expected"), ROUTES)
def test_routes(text: str, state: State, expected: list[str]) -> None:
    """Goto comes first, then edges in their order, then the next node of the list."""
    assert path(text, state) == expected


FALSY = ["", "false", "False", "0", "no", "none", "None"]


@pytest.mark.parametrize("value", FALSY)
def test_texts_that_are_no(value: str) -> None:
    """A goto rule whose text is one of these does not apply."""
    text = "nodes: [{name: a, goto: [{if: '{{ state.v }}', to: c}]}, {name: b}, {name: c}]"
    assert path(text, {"v": value}) == ["a", "b", "c"]


@pytest.mark.parametrize("value", ["yes", "1", "true", "x"])
def test_texts_that_are_yes(value: str) -> None:
    """A goto rule whose text is another applies."""
    text = "nodes: [{name: a, goto: [{if: '{{ state.v }}', to: c}]}, {name: b}, {name: c}]"
    assert path(text, {"v": value}) == ["a", "c"]


def test_condition_that_cannot_be_evaluated_is_an_error() -> None:
    """A condition with a name that is not there fails; it is never taken for true."""
    text = "nodes: [{name: a, run: x = 1}, {name: b}]\nedges: [{from: a, to: b, when: 'foo > 1'}]"
    with pytest.raises(ValueError, match="foo"):
        events(text)


def test_cycle_has_a_limit() -> None:
    """A cycle that never ends is an error after the steps a run may take."""
    text = 'config: {max_steps: 50}\nnodes: [{name: a, run: \'return {"n": state["n"] + 1}\', goto: a}]'
    (event,) = events(text, {"n": 0})
    assert event["type"] == "error"
    assert event["state"]["n"] == 50


FALLBACK = """
nodes:
  - name: a
    run: 'return {"x": 1 // state["d"]}'
    on_error: {mode: graceful, fallback: rescue}
  - name: b
    run: 'return {"went": "on"}'
    goto: __end__
  - name: rescue
    run: 'return {"went": state["__fallback_node__"]}'
"""


@pytest.mark.parametrize(("divisor", "went"), [(0, "rescue"), (1, "on")])
def test_fallback_routes(divisor: int, went: str) -> None:
    """A failed node goes to its fallback; one that works goes on."""
    assert final(FALLBACK, {"d": divisor})["went"] == went


PARALLEL = """
nodes:
  - {name: a}
  - {name: b, run: 'return {"v": state["n"] + 1}'}
  - {name: c, run: 'return {"v": state["n"] + 2}'}
  - {name: j, fan_in: true, run: 'return {"got": [r["v"] for r in parallel_results]}'}
edges:
"""


@pytest.mark.parametrize(
    "edges",
    [
        "  - {from: a, to: [b, c], type: parallel, fan_in: j}",
        "  - {from: a, to: b, type: parallel, fan_in: j}\n  - {from: a, to: c, type: parallel, fan_in: j}\n"
        "  - {from: b, to: j}\n  - {from: c, to: j}",
    ],
)
def test_parallel_edges(edges: str) -> None:
    """Branches run on copies of the state, and meet at their fan-in in the order of the edges."""
    state = final(PARALLEL + edges, {"n": 1})
    assert state["got"] == [2, 3]
    assert "v" not in state


def test_parallel_edge_has_its_own_config() -> None:
    """What an edge says about retries reaches its branch."""
    text = PARALLEL + (
        "  - {from: a, to: b, type: parallel, fan_in: j,"
        " parallel_config: {timeout_seconds: 5, retry_policy: {max_retries: 2, base_delay: 0},"
        " circuit_breaker: {failure_threshold: 3}}}"
    )
    with engine_with() as engine:
        graph = engine.load_from_dict(parsed(text))
        config: Any = graph.edge("a", "b")["parallel_config"]
    assert (config.timeout_seconds, config.retry_policy.max_retries) == (5, 2)
    assert config.circuit_breaker.failure_threshold == 3


def test_edge_data_as_the_api_shows_it() -> None:
    """A conditional edge has the function and the map that leads to its target."""
    text = (
        "nodes: [{name: a}, {name: b}]\nedges: [{from: a, to: b, when: k}, {from: a, to: __end__}]"
    )
    with engine_with() as engine:
        graph = engine.load_from_dict(parsed(text))
        assert graph.edge("a", "b")["cond_map"] == {True: "b"}
        assert graph.successors("a") == ["b", "__end__"]


def test_mermaid() -> None:
    """The drawing shows the conditions; before a load there is none."""
    text = (
        "nodes: [{name: a}, {name: b}]\nedges: [{from: a, to: b, when: k}, {from: a, to: __end__}]"
    )
    with engine_with() as engine:
        assert engine.get_mermaid_graph() is None
        engine.load_from_dict(parsed(text))
        lines = engine.get_mermaid_graph().splitlines()
    assert lines[0] == "graph TD"
    assert "    a-->|true|b" in lines
    assert "    a-->__end__" in lines


INTERRUPTS = [
    ("config: {interrupt_before: [b]}\nnodes: [{name: a}, {name: b}]", "b", "before"),
    ("config: {interrupt_after: [a]}\nnodes: [{name: a}, {name: b}]", "a", "after"),
    ("nodes: [{name: a}, {name: b, interrupt: before}]", "b", "before"),
    ("nodes: [{name: a, interrupt: after}, {name: b}]", "a", "after"),
]


@pytest.mark.parametrize(("text", "node", "when"), INTERRUPTS)
def test_interrupts(text: str, node: str, when: str) -> None:
    """A run stops where the file says, and goes on from its checkpoint with changes."""
    definition = parsed(text)
    for one in definition["nodes"]:
        one["run"] = f"return {{'{one['name']}': state.get('who')}}"
    with engine_with() as engine:
        graph = engine.load_from_dict(definition)
        (stop,) = graph.invoke({"who": "x"})
        assert (stop["type"], stop["node"]) == ("interrupt", node)
        told = list(graph.stream({"who": "x"}))[-1]
        assert told["type"] == f"interrupt_{when}"
        (end,) = graph.invoke({"who": "y"}, checkpoint=stop["checkpoint_path"])
        assert end["state"] == {"who": "y", "a": "x", "b": "y"}
        assert engine.checkpoint_dir in stop["checkpoint_path"]
        assert "tea_checkpoint_" in engine.checkpoint_dir
