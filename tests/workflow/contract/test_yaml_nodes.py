"""The forms of a node: code, actions, steps, loops, branches, and where their results go."""

# ruff: noqa: ARG001, ANN401, E501 - actions take a state; an agent is a line

from __future__ import annotations

from typing import Any

import pytest
from the_edge_agent import StateGraph

from tests.workflow.contract.yaml_runs import State, events, final


def give(state: State, value: Any = None, **_: object) -> Any:
    """Give what it is given."""
    return value


CODE = [
    ("run: 'return {\"x\": 1}'", {}, {"x": 1}),
    ("run: 'return 5'", {}, {"result": 5}),
    ("run: 'x = 1\n\n      y = x + 1'", {}, {"x": 1, "y": 2}),
    ("run: '_hidden = 1\n\n      y = 2'", {}, {"y": 2}),
    ("script: 'return {\"x\": 2}'", {}, {"x": 2}),
    ('run: \'return {"x": state["n"] * 2}\'', {"n": 4}, {"x": 8}),
    ("run: 'return {\"x\": json.dumps([1])}'", {}, {"x": "[1]"}),
    ("run: 'return {\"x\": datetime(2020, 1, 2).year}'", {}, {"x": 2020}),
    ("run: 'return {\"x\": datetime.datetime(2020, 1, 2).year}'", {}, {"x": 2020}),
    ('run: \'return {"x": datetime.fromisoformat("2020-01-02").month}\'', {}, {"x": 1}),
    ('run: \'return {"x": variables["v"]}\'', {}, {"x": 7}),
    ('run: \'return actions["give"](state=state, value={"x": 3})\'', {}, {"x": 3}),
    ('run: \'return {"x": actions.json_parse(state=state, text="[2]")["data"]}\'', {}, {"x": [2]}),
    ('run: \'return {"x": actions.json.parse(state=state, text="[2]")["data"]}\'', {}, {"x": [2]}),
    ('run: \'return {"x": "json.parse" in actions}\'', {}, {"x": True}),
    ("run: 'return {\"x\": node}'", {}, {"x": "a"}),
    ('run: \'return {"x": "a" in graph.graph}\'', {}, {"x": True}),
    ("run: 'return {\"x\": {{ state.n }} + 1}'", {"n": 4}, {"x": 5}),
    ('run: \'return {"x": "{{ state.s }}"}\'', {"s": 'a"b'}, {"x": 'a"b'}),
    ("run: {type: expression, value: \"state['n'] + 1\", output_key: x}", {"n": 1}, {"x": 2}),
    ("run: {type: expression, value: 'len(state)'}", {"n": 1}, {"result": 1}),
    ("run: {type: expression, value: 3, output_key: x}", {}, {"x": 3}),
    ("run: 'return 5'\n    output: five", {}, {"five": 5}),
]


@pytest.mark.parametrize(("node", "given", "expected"), CODE)
def test_code(node: str, given: State, expected: State) -> None:
    """Code gives updates: what it returns, or the names it sets."""
    text = f"variables: {{v: 7}}\nnodes:\n  - name: a\n    {node}"
    state = final(text, given, {"give": give})
    assert state == {**given, **expected}


@pytest.mark.parametrize(
    "hostile",
    ['"); import os; os.abort(); ("', "{{ 7 * 7 }}", "__import__('os').abort()", "'''", "\\"],
)
@pytest.mark.parametrize(
    "code",
    ["return {'x': '{{ state.s }}'}", "return {'x': {{ state.s }}}", "x = '''{{ state.s }}'''"],
)
def test_state_never_becomes_code(hostile: str, code: str) -> None:
    """Whatever a state holds, a block sees it as a value."""
    state = final(f"nodes:\n  - name: a\n    run: |\n      {code}", {"s": hostile})
    assert state["x"] == hostile


OUTPUTS = [
    ("with: {value: {x: 1}}", {"x": 1}),
    ("with: {value: 5}", {"result": 5}),
    ("with: {value: {x: 1}}\n    output: k", {"k": {"x": 1}}),
    ("with: {value: 5}\n    output_key: k", {"k": 5}),
    (
        "with: {value: {x: 1}}\n    output: {a: '{{ result.x }}', b: '{{ result.none }}'}",
        {"a": 1, "b": ""},
    ),
    ("with: {value: '{{ state.n }}'}\n    output: k", {"k": 4}),
    (
        "with: {value: ['{{ state.n }}', {deep: ['{{ state.n + 1 }}']}]}\n    output: k",
        {"k": [4, {"deep": [5]}]},
    ),
    ("with: {value: 'n={{ state.n }}'}\n    output: k", {"k": "n=4"}),
    ("with: {value: '${v}!'}\n    output: k", {"k": "7!"}),
    ("with: {value: '${unknown}'}\n    output: k", {"k": "${unknown}"}),
    ("with: {value: '{{ variables.v }}'}\n    output: k", {"k": 7}),
    ("with: {value: '{{ settings.own.s }}'}\n    output: k", {"k": "t"}),
    ("with: {value: '{{ data.d }}'}\n    output: k", {"k": [1, 2]}),
    ("with: {value: '{{ state.missing }}'}\n    output: k", {"k": None}),
    ("with: {value: '{{ state.missing.deeper }}'}\n    output: k", {"k": None}),
    ("with: {value: '<{{ state.missing }}>'}\n    output: k", {"k": "<None>"}),
    ("with: {value: '{{ state.list | json }}'}\n    output: k", {"k": "[1]"}),
    ("with: {value: '{{ state.text | fromjson }}'}\n    output: k", {"k": {"z": 1}}),
    (
        "with: {value: '{{ state.n | string | sha256 }}'}\n    output: k",
        {"k": "4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a"},
    ),
    ("with: {value: '{{ checkpoint.dir }}'}\n    output: k", {"k": None}),
]


@pytest.mark.parametrize(("rest", "expected"), OUTPUTS)
def test_outputs(rest: str, expected: State) -> None:
    """A result goes under a key, through templates, or into the state."""
    text = (
        "variables: {v: 7}\nsettings: {own: {s: t}}\ndata: {d: [1, 2]}\n"
        f"nodes:\n  - name: a\n    uses: give\n    {rest}"
    )
    given = {"n": 4, "list": [1], "text": '{"z": 1}'}
    assert final(text, given, {"give": give}) == {**given, **expected}


def test_undefined_name_in_a_template_is_an_error() -> None:
    """A template that goes into a name that is not there fails the node."""
    (event,) = events(
        "nodes: [{name: a, uses: give, with: {value: '{{ foo.bar }}'}}]", {}, {"give": give}
    )
    assert event["error"] == "Template error in expression '{{ foo.bar }}': 'foo' is undefined"


def test_action_is_given_what_it_asks_for() -> None:
    """An action that names config, node or graph gets them; another is not disturbed."""
    seen: State = {}

    def curious(state: State, node: str, graph: Any, config: Any = None) -> State:
        seen.update(node=node, graph=isinstance(graph, StateGraph), config=config)
        return {}

    def plain(state: State, x: int) -> State:
        return {"x": x}

    final(
        "nodes: [{name: a, uses: c}, {name: b, uses: p, with: {x: 1}}]",
        {},
        {"c": curious, "p": plain},
    )
    assert seen == {"node": "a", "graph": True, "config": {}}


def test_asynchronous_action_is_awaited() -> None:
    """An `async def` action gives its result like any other."""

    async def later(state: State, x: int, **_: object) -> int:
        return x + 1

    text = 'nodes: [{name: a, uses: l, with: {x: 1}, output: k}, {name: b, run: \'return {"z": state["k"]}\'}]'
    assert final(text, {}, {"l": later})["z"] == 2


def test_code_may_await() -> None:
    """A block that awaits is finished before its node is."""
    text = "nodes:\n  - name: a\n    run: |\n      import asyncio\n      await asyncio.sleep(0)\n      return {'x': 1}"
    assert final(text)["x"] == 1


def test_steps_see_those_before_them() -> None:
    """Steps run one after the other on what the ones before gave."""
    text = """
    nodes:
      - name: a
        steps:
          - {name: one, run: 'return {"x": state["n"] + 1}'}
          - {name: two, uses: give, with: {value: "{{ state.x * 10 }}"}, output: y}
    """
    assert final(text, {"n": 1}, {"give": give}) == {"n": 1, "x": 2, "y": 20}


LOOPS = [
    ("state.n < 3", 10, 3),
    ("state.n < 100", 5, 5),
    ("state.n < 0", 5, 0),
    ("{{ state.n < 2 }}", 9, 2),
]


@pytest.mark.parametrize(("condition", "most", "expected"), LOOPS)
def test_while_loops(condition: str, most: int, expected: int) -> None:
    """A loop runs while its condition holds, and not more often than it may."""
    text = f"""
    nodes:
      - name: w
        type: while_loop
        condition: "{condition}"
        max_iterations: {most}
        body:
          - {{name: b, run: 'return {{"n": state["n"] + 1}}'}}
    """
    assert final(text, {"n": 0})["n"] == expected


def test_while_loop_names_where_it_failed() -> None:
    """The error of a loop says which node, in which round."""
    text = """
    nodes:
      - name: w
        type: while_loop
        condition: "state.n < 3"
        max_iterations: 5
        body:
          - {name: b, run: 'return {"n": 1 // (1 - state["n"])}'}
    """
    (event,) = events(text, {"n": 0})
    assert event["error"].startswith("Error in while_loop 'w' body node 'b' at iteration ")


BRANCHES = """
nodes:
  - name: d
    type: dynamic_parallel
    items: "{{{{ state.items }}}}"
    item_var: item
    index_var: index
    fan_in: j
    {body}
  - name: j
    fan_in: true
    run: |
      return {{"got": [{each} for r in parallel_results]}}
"""

DYNAMIC = [
    ("action: {uses: give, with: {value: '{{ item }}!'}, output: v}", "r['v']", ["a!", "b!"]),
    (
        "action: {uses: give, with: {value: '{{ state.item }}-{{ state.index }}'}, output: v}",
        "r['v']",
        ["a-0", "b-1"],
    ),
    ('steps: [{name: s, run: \'return {"v": state["item"] * 2}\'}]', "r['v']", ["aa", "bb"]),
    ('subgraph: {nodes: [{name: s, run: \'return {"v": state["item"]}\'}]}', "r['v']", ["a", "b"]),
    ("action: {uses: give, with: {value: '{{ item }}'}}", "r.branch", ["d[0]", "d[1]"]),
    ("action: {uses: give, with: {value: '{{ item }}'}}", "r['index']", [0, 1]),
    ("action: {uses: no.such}", "(r.success, r.error)", [(False, "Unknown action: no.such")] * 2),
]


@pytest.mark.parametrize(("body", "each", "expected"), DYNAMIC)
def test_dynamic_parallel(body: str, each: str, expected: list[Any]) -> None:
    """Every item is a branch; results stand in the order of the items."""
    text = BRANCHES.format(body=body, each=each)
    assert final(text, {"items": ["a", "b"]}, {"give": give})["got"] == expected


@pytest.mark.parametrize("items", [[], None])
def test_dynamic_parallel_of_nothing(items: Any) -> None:
    """Without items the fan-in gets an empty list."""
    text = BRANCHES.format(body="action: {uses: give}", each="r")
    assert final(text, {"items": items}, {"give": give})["got"] == []


@pytest.mark.parametrize(("items", "kind"), [("abc", "str"), (3, "int")])
def test_dynamic_parallel_of_no_list(items: Any, kind: str) -> None:
    """What cannot be gone through is an error of the node."""
    text = BRANCHES.format(body="action: {uses: give}", each="r")
    (event,) = events(text, {"items": items}, {"give": give})
    assert event["error"] == (
        f"dynamic_parallel node 'd': items expression must return an iterable, got {kind}"
    )


MATRIX = [
    ("[r['result']['v'] for r in parallel_results]", [10, 20, 11, 21]),
    ("[r['matrix'] for r in parallel_results][:1]", [{"a": 1, "b": 0}]),
    ("[r.branch for r in parallel_results][:2]", ["m[0]", "m[1]"]),
]


@pytest.mark.parametrize(("each", "expected"), MATRIX)
def test_matrix(each: str, expected: list[Any]) -> None:
    """Every combination is a branch that knows its values."""
    text = f"""
    nodes:
      - name: m
        strategy: {{matrix: {{b: [0, 1], a: [1, 2]}}}}
        fan_in: j
        run: 'return {{"v": state["matrix"]["a"] * 10 + state["matrix"]["b"]}}'
      - name: j
        fan_in: true
        run: |
          return {{"got": {each}}}
    """
    got = final(text)["got"]
    if all(isinstance(one, int) for one in expected):
        got.sort()
        expected.sort()
    assert got == expected


def test_parallel_each() -> None:
    """Every item is a branch that knows its item and number."""
    text = """
    nodes:
      - {name: p, parallel_each: "{{ state.xs }}", fan_in: j, run: 'return state["item"] + state["item_index"]'}
      - name: j
        fan_in: true
        run: 'return {"got": [(r["item"], r["index"], r["result"]) for r in parallel_results]}'
    """
    got = final(text, {"xs": [5, 6]})["got"]
    assert [(item, index) for item, index, _ in got] == [(5, 0), (6, 1)]


def test_nodes_without_work_pass_the_state_on() -> None:
    """A node of only a name changes nothing and tells nothing."""
    told = events("nodes: [{name: a}, {name: b, run: 'return {\"x\": 1}'}]", {}, view="stream")
    assert [event.get("node") for event in told] == ["b", None]


@pytest.mark.parametrize("language", ["lua", "prolog"])
def test_other_languages_must_be_allowed(language: str) -> None:
    """Code in another language says how it is allowed."""
    (event,) = events(f"nodes: [{{name: a, language: {language}, run: 'x'}}]")
    assert f"{language}_enabled=True" in event["error"]


def test_lua() -> None:
    """Lua code sees the state and gives updates."""
    text = "nodes: [{name: a, language: lua, run: 'return {x = state.n + 1}'}]"
    assert final(text, {"n": 1}, lua_enabled=True)["x"] == 2
