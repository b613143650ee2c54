"""What the API promises of nodes with branches and of loops in agent files."""

# ruff: noqa: ARG001 - actions take what the API lets them take

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from the_edge_agent import ParallelFlowResult, YAMLEngine

State = dict[str, Any]
JOIN = {"name": "join", "fan_in": True, "run": "return {'joined': parallel_results}"}
DYNAMIC = {"name": "d", "type": "dynamic_parallel", "items": "{{ state.xs }}", "fan_in": "join"}
MATRIX = {"name": "m", "strategy": {"matrix": {"a": [1, 2], "b": ["x"]}}, "fan_in": "join"}
EACH = {"name": "e", "parallel_each": "{{ state.xs }}", "fan_in": "join"}
LOOP = {"name": "w", "type": "while_loop", "condition": "{{ state.n < 3 }}", "max_iterations": 9}
PLUS = {"name": "plus", "run": "return {'n': state['n'] + 1}"}


def echo(state: State, value: Any = None, **_: Any) -> Any:  # noqa: ANN401 - an action
    """Give a value back."""
    return value


def fail(state: State, at: int = -1, **_: Any) -> State:  # noqa: ANN401 - an action
    """Fail at one item."""
    if state["index"] == at:
        raise ValueError(f"broken at {at}")
    return {"fine": state["index"]}


def nap(state: State, seconds: float = 30.0, **_: Any) -> State:  # noqa: ANN401 - an action
    """Sleep, at the item that says so."""
    if state["item"] == "slow":
        time.sleep(seconds)
    return {"done": state["item"]}


ACTIONS: dict[str, Any] = {"t.echo": echo, "t.fail": fail, "t.nap": nap}


def run(*nodes: dict[str, Any], actions: dict[str, Any] | None = None, **given: Any) -> State:  # noqa: ANN401 - the input
    """Run an agent of these nodes; give its last event."""
    engine = YAMLEngine({**ACTIONS, **(actions or {})}, enable_tracing=False)
    try:
        graph = engine.load_from_dict({"name": "agent", "nodes": [*nodes]})
        last: State = list(graph.invoke(given))[-1]
        return last
    finally:
        engine.close()


def results(*nodes: dict[str, Any], **given: Any) -> list[ParallelFlowResult]:  # noqa: ANN401 - the input
    """Run an agent of these nodes and a join; give what the join was given."""
    last = run(*nodes, JOIN, **given)
    assert last["type"] == "final", last
    joined: list[ParallelFlowResult] = last["state"]["joined"]
    return joined


def load_error(*nodes: dict[str, Any]) -> str:
    """Load an agent of these nodes; give the text of the ValueError."""
    engine = YAMLEngine(ACTIONS, enable_tracing=False)
    try:
        with pytest.raises(ValueError, match="node") as raised:
            engine.load_from_dict({"name": "agent", "nodes": [*nodes, JOIN]})
    finally:
        engine.close()
    return str(raised.value)


BODIES: dict[str, tuple[dict[str, Any], State]] = {
    "action": (
        {"action": {"uses": "t.echo", "with": {"value": {"y": "{{ state.item }}"}}}},
        {"y": 5, "item": 5, "index": 0},
    ),
    "action that gives no dict": (
        {"action": {"uses": "t.echo", "with": {"value": "{{ state.item }}"}}},
        {"result": 5, "item": 5, "index": 0},
    ),
    "action with an output": (
        {"action": {"uses": "t.echo", "with": {"value": 1}, "output": "one"}},
        {"one": 1, "item": 5, "index": 0},
    ),
    "steps": (
        {
            "steps": [
                {"name": "a", "run": "return {'y': state['item'] + 1}"},
                {"name": "b", "run": "return {'z': state['y'] * 2}"},
            ]
        },
        {"xs": [5], "y": 6, "z": 12, "item": 5, "index": 0},
    ),
    "subgraph": (
        {
            "subgraph": {
                "name": "inner",
                "nodes": [{"name": "s", "run": "return {'y': state['x'] + 1}"}],
            },
            "input": {"x": "{{ state.item }}"},
        },
        {"x": 5, "y": 6, "item": 5, "index": 0},
    ),
}


@pytest.mark.parametrize(("body", "state"), BODIES.values(), ids=BODIES)
def test_what_a_branch_of_dynamic_parallel_gives(body: dict[str, Any], state: State) -> None:
    """Its result has what the body gave, the item and the index."""
    (result,) = results({**DYNAMIC, **body}, xs=[5])
    assert (result.branch, result.success, result.state) == ("d[0]", True, state)
    assert isinstance(result.timing_ms, int)


@pytest.mark.parametrize(
    ("items", "given", "found"),
    [
        ("{{ state.xs }}", {"xs": [1, 2, 3]}, [1, 2, 3]),
        ("state.xs", {"xs": [1, 2]}, [1, 2]),
        ("{{ range(3) | list }}", {}, [0, 1, 2]),
        ([1, "{{ state.n }}"], {"n": 2}, [1, 2]),
        ("{{ state.xs }}", {"xs": (4, 5)}, [4, 5]),
        ("{{ state.xs }}", {"xs": []}, []),
        ("{{ state.xs }}", {"xs": None}, []),
        ("{{ state.xs }}", {}, []),
        ("{{ state.xs | sort }}", {"xs": [2, 1]}, [1, 2]),
    ],
)
def test_what_gives_items(items: Any, given: State, found: list[Any]) -> None:  # noqa: ANN401 - of a file
    """A template, an expression, or a list; nothing is no items."""
    body = {"action": {"uses": "t.echo", "with": {"value": {}}}}
    got = results({**DYNAMIC, "items": items, **body}, **given)
    assert [r["item"] for r in got] == found
    assert [r.branch for r in got] == [f"d[{i}]" for i in range(len(found))]


@pytest.mark.parametrize(
    ("node", "given", "text"),
    [
        (
            {**DYNAMIC, "action": {"uses": "t.echo"}},
            {"xs": 5},
            "dynamic_parallel node 'd': items expression must return an iterable, got int",
        ),
        (
            {**DYNAMIC, "action": {"uses": "t.echo"}},
            {"xs": "text"},
            "dynamic_parallel node 'd': items expression must return an iterable, got str",
        ),
        (
            {**EACH, "uses": "t.echo"},
            {"xs": 5},
            "parallel_each node 'e': parallel_each expression must return an iterable, got int",
        ),
    ],
)
def test_items_must_be_iterable(node: dict[str, Any], given: State, text: str) -> None:
    """Anything else fails the node, and so does a text."""
    last = run(node, JOIN, **given)
    assert (last["type"], last["error"]) == ("error", text)


def test_an_expression_of_items_that_fails() -> None:
    """The node fails and says that it is the expression."""
    last = run({**DYNAMIC, "items": "{{ nobody.xs }}", "action": {"uses": "t.echo"}}, JOIN)
    assert last["error"].startswith(
        "dynamic_parallel node 'd': failed to evaluate items expression"
    )


def test_names_of_item_and_index_may_be_chosen() -> None:
    """The body sees them by these names, and the result has them."""
    node = {**DYNAMIC, "item_var": "word", "index_var": "i"}
    got = results(
        {**node, "steps": [{"run": "return {'t': state['word'] * state['i']}"}]}, xs=["a", "b"]
    )
    assert [(r["word"], r["i"], r["t"]) for r in got] == [("a", 0, ""), ("b", 1, "b")]


def test_branches_do_not_share_the_state() -> None:
    """Each has a deep copy, and the main line's is as it was."""
    node = {**DYNAMIC, "steps": [{"run": "state['deep'].append(state['item']); return {}"}]}
    last = run(node, JOIN, xs=[1, 2], deep=[])
    assert [r["deep"] for r in last["state"]["joined"]] == [[1], [2]]
    assert last["state"]["deep"] == []


def test_failed_branches_do_not_fail_the_node() -> None:
    """Their results have the error, the item and the index."""
    node = {**DYNAMIC, "action": {"uses": "t.fail", "with": {"at": 1}}}
    got = results(node, xs=["a", "b", "c"])
    assert [r.success for r in got] == [True, False, True]
    assert (got[1].error, got[1].state) == ("broken at 1", {"item": "b", "index": 1})


@pytest.mark.parametrize(
    "options",
    [{"fail_fast": True}, {"parallel_config": {"fail_fast": True}}],
    ids=["node", "config"],
)
def test_fail_fast_gives_the_other_branches_up(options: dict[str, Any]) -> None:
    """Those that have not begun say why."""
    action = {"uses": "t.fail", "with": {"at": 0}}
    got = results({**DYNAMIC, "action": action, "max_concurrency": 1, **options}, xs=[1, 2, 3])
    cancelled: tuple[str, State] = ("Cancelled due to fail_fast", {})
    assert [(r.error, r.state) for r in got] == [
        ("broken at 0", {"item": 1, "index": 0}),
        cancelled,
        cancelled,
    ]


@pytest.mark.parametrize(("most", "at_once"), [(1, 1), (2, 2), ("{{ state.most }}", 3), ("no", 6)])
def test_no_more_branches_run_at_once_than_allowed(most: Any, at_once: int) -> None:  # noqa: ANN401 - of a file
    """The number may be a template; one that gives no number is no limit."""
    lock, running, seen = threading.Lock(), [0], [0]

    def work(state: State, **_: Any) -> State:  # noqa: ANN401 - an action
        with lock:
            running[0] += 1
            seen[0] = max(seen[0], running[0])
        time.sleep(0.03)
        with lock:
            running[0] -= 1
        return {}

    node = {**DYNAMIC, "max_concurrency": most, "action": {"uses": "t.work"}}
    run(node, JOIN, actions={"t.work": work}, xs=list(range(6)), most=3)
    assert seen[0] == at_once


def test_a_branch_has_its_time() -> None:
    """One that takes longer is a result, and the others are there."""
    node = {**DYNAMIC, "parallel_config": {"timeout_seconds": 0.05}, "action": {"uses": "t.nap"}}
    began = time.monotonic()
    got = results(node, xs=["slow", "quick"])
    assert time.monotonic() - began < 5
    assert [(r.timeout, r.success) for r in got] == [(True, False), (False, True)]
    assert got[0].error == "Flow timed out after 0.05s"


def test_a_branch_is_tried_again() -> None:
    """As often as its config says."""
    calls: list[int] = []

    def twice(state: State, **_: Any) -> State:  # noqa: ANN401 - an action
        calls.append(1)
        if len(calls) < 2:
            raise ValueError("first")
        return {"calls": len(calls)}

    retry = {"retry_policy": {"max_retries": 1, "base_delay": 0}}
    node = {**DYNAMIC, "parallel_config": retry, "action": {"uses": "t.twice"}}
    last = run(node, JOIN, actions={"t.twice": twice}, xs=[0])
    (result,) = last["state"]["joined"]
    assert (result["calls"], result.retry_count) == (2, 1)


@pytest.mark.parametrize(
    ("output", "key", "found"),
    [
        ("out", "out", [5, 6]),
        ({"count": "{{ result | length }}"}, "count", 2),
        ({"items": "{{ result | map(attribute='item') | list }}"}, "items", [5, 6]),
    ],
)
def test_the_output_of_dynamic_parallel(output: Any, key: str, found: object) -> None:  # noqa: ANN401 - of a file
    """A key gets the results; a mapping of templates sees them as `result`."""
    last = run({**DYNAMIC, "output": output, "action": {"uses": "t.echo"}}, JOIN, xs=[5, 6])
    got = last["state"][key]
    assert ([r["item"] for r in got] if key == "out" else got) == found


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("nowhere.yaml", "Subgraph not found: nowhere.yaml"),
        ({"name": "bare"}, "Empty subgraph configuration: bare"),
    ],
)
def test_subgraphs_that_are_not_there(target: Any, error: str) -> None:  # noqa: ANN401 - of a file
    """They are failures of the branch."""
    (result,) = results({**DYNAMIC, "subgraph": target}, xs=[1])
    assert result.error == error


SEE = "See docs/shared/YAML_REFERENCE.md#dynamic-parallel"
ACTION = {"action": {"uses": "t.echo"}}


@pytest.mark.parametrize(
    ("node", "first", "more"),
    [
        (
            {k: v for k, v in DYNAMIC.items() if k != "items"} | ACTION,
            "dynamic_parallel node 'd': missing required key 'items'.",
            [],
        ),
        (DYNAMIC, "dynamic_parallel node 'd': missing branch-body key.", []),
        (
            {**DYNAMIC, **ACTION, "steps": [PLUS]},
            "dynamic_parallel node 'd': conflicting branch-body keys.",
            ["Conflicting keys: 'action', 'steps'."],
        ),
        (
            {k: v for k, v in DYNAMIC.items() if k != "fan_in"} | ACTION,
            "dynamic_parallel node 'd': missing required key 'fan_in'.",
            [],
        ),
        (
            {**DYNAMIC, **ACTION, "fan_in": "nobody"},
            "dynamic_parallel node 'd': fan_in target 'nobody'",
            ["is not a defined node.", "Declared nodes: ['d', 'join']"],
        ),
    ],
    ids=["items", "no body", "two bodies", "fan_in", "unknown fan_in"],
)
def test_dynamic_parallel_that_cannot_be(node: dict[str, Any], first: str, more: list[str]) -> None:
    """The message says what is wrong, in plain lines that fit, and where to read on."""
    text = load_error(node)
    lines = text[text.index("dynamic_parallel node") :].split("\n")
    assert lines[0] == first
    assert lines[-1] == SEE
    assert [line for line in more if line not in lines] == []
    assert max(map(len, lines)) <= 80


def test_messages_are_plain_and_fit_for_any_name() -> None:
    """A long name that is not ASCII is told as far as there is room."""
    node = {**DYNAMIC, "name": "ä" * 90, "action": {"uses": "secret.action"}, "fan_in": "ö" * 90}
    text = load_error(node)
    lines = text[text.index("dynamic_parallel node") :].split("\n")
    assert text.isascii()
    assert max(map(len, lines)) <= 80
    assert "secret" not in text


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (
            {**DYNAMIC, **ACTION, "max_concurrency": 0},
            "max_concurrency must be positive integer, got 0",
        ),
        (
            {**DYNAMIC, **ACTION, "max_concurrency": -2},
            "max_concurrency must be positive integer, got -2",
        ),
        ({**DYNAMIC, "action": {"with": {}}}, "action requires 'uses' field"),
        (
            {"name": "m", "strategy": {"matrix": {}}, "fan_in": "join", "run": "return {}"},
            "matrix node 'm' requires 'strategy.matrix'",
        ),
        (
            {k: v for k, v in MATRIX.items() if k != "fan_in"} | {"run": "return {}"},
            "matrix node 'm' requires 'fan_in' target node",
        ),
        (
            {**MATRIX, "run": "return {}", "strategy": {"matrix": {"a": 1}}},
            "matrix.a must be a list, got int",
        ),
        (
            {**MATRIX, "run": "return {}", "strategy": {"matrix": {"a": []}}},
            "matrix.a cannot be empty",
        ),
        (
            {**MATRIX, "run": "return {}", "strategy": {"matrix": {"a": [1]}, "max_parallel": 0}},
            "strategy.max_parallel must be positive integer",
        ),
        (MATRIX, "matrix node 'm' requires one of: run, uses, steps"),
        (
            {k: v for k, v in EACH.items() if k != "fan_in"} | {"run": "return {}"},
            "parallel_each node 'e' requires 'fan_in' target node",
        ),
        (
            {**EACH, "run": "return {}", "max_workers": "many"},
            "max_workers must be positive integer",
        ),
        (EACH, "parallel_each node 'e' requires one of: run, uses, steps"),
        (
            {k: v for k, v in LOOP.items() if k != "condition"} | {"body": [PLUS]},
            "while_loop node 'w' requires 'condition'",
        ),
        (
            {k: v for k, v in LOOP.items() if k != "max_iterations"} | {"body": [PLUS]},
            "while_loop node 'w' requires 'max_iterations'",
        ),
        (LOOP, "while_loop node 'w' requires 'body'"),
        ({**LOOP, "body": []}, "while_loop node 'w' requires 'body'"),
        (
            {**LOOP, "body": [PLUS], "max_iterations": 0},
            "max_iterations must be integer between 1-1000, got 0",
        ),
        (
            {**LOOP, "body": [PLUS], "max_iterations": 1001},
            "max_iterations must be integer between 1-1000, got 1001",
        ),
        (
            {**LOOP, "body": [PLUS], "max_iterations": "ten"},
            "max_iterations must be integer between 1-1000, got ten",
        ),
        ({**LOOP, "body": [{**LOOP, "body": [PLUS]}]}, "Nested while-loops not supported: "),
    ],
)
def test_nodes_that_cannot_be(node: dict[str, Any], text: str) -> None:
    """Loading the file says what is wrong with the node."""
    assert text in load_error(node)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"run": "return {'v': state['matrix']['a']}"}, [{"v": 1}, {"v": 2}]),
        (
            {"uses": "t.echo", "with": {"value": {"v": "{{ state.matrix.b }}"}}},
            [{"v": "x"}, {"v": "x"}],
        ),
        (
            {"steps": [{"run": "return {'v': state['matrix']['a'] * 10}"}]},
            [{"v": 10}, {"v": 20}],
        ),
    ],
    ids=["run", "uses", "steps"],
)
def test_a_matrix_runs_each_combination(body: dict[str, Any], found: list[State]) -> None:
    """A result has the combination, and what the body gave."""
    got = results({**MATRIX, **body}, n=0)
    cells = [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}]
    assert [r.branch for r in got] == ["m[0]", "m[1]"]
    assert [r.state for r in got] == [
        {"matrix": cell, "result": value} for cell, value in zip(cells, found, strict=True)
    ]


def test_the_last_key_of_a_matrix_varies_fastest() -> None:
    """The order is that of nested loops over the keys."""
    strategy = {"matrix": {"a": [1, 2], "b": [3, 4]}}
    got = results({**MATRIX, "strategy": strategy, "run": "return {}"})
    assert [tuple(r["matrix"].values()) for r in got] == [(1, 3), (1, 4), (2, 3), (2, 4)]


def test_a_combination_that_fails() -> None:
    """Its result has the combination and the error."""
    got = results({**MATRIX, "run": "return {'v': 1 / (state['matrix']['a'] - 1)}"})
    assert (got[0].success, got[0].state) == (False, {"matrix": {"a": 1, "b": "x"}})
    assert got[0].error is not None
    assert "division by zero" in got[0].error
    assert got[1]["result"] == {"v": 1.0}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"run": "return {'v': [state['item'], state['item_index']]}"}, [["a", 0], ["b", 1]]),
        (
            {"uses": "t.echo", "with": {"value": {"v": "{{ state.item }}"}}},
            ["a", "b"],
        ),
        ({"steps": [{"run": "return {'v': state['item'] * 2}"}]}, ["aa", "bb"]),
    ],
    ids=["run", "uses", "steps"],
)
def test_parallel_each_runs_for_each_item(body: dict[str, Any], found: list[Any]) -> None:
    """A result has the item, its index, and what the body gave."""
    got = results({**EACH, **body}, xs=["a", "b"])
    assert [r.state for r in got] == [
        {"item": item, "index": index, "result": {"v": value}}
        for index, (item, value) in enumerate(zip("ab", found, strict=True))
    ]


def test_an_item_that_fails() -> None:
    """Its result has the item, its index and the error."""
    got = results({**EACH, "run": "return {'v': 1 / state['item']}"}, xs=[1, 0])
    assert [r.success for r in got] == [True, False]
    assert got[1].state == {"item": 0, "index": 1}


@pytest.mark.parametrize(
    ("condition", "most", "n"),
    [
        ("{{ state.n < 3 }}", 9, 3),
        ("state.n < 3", 9, 3),
        ("{{ state.n < 100 }}", 5, 5),
        ("{{ state.n > 100 }}", 5, 0),
        ("go", 4, 4),
        ("!stop", 2, 2),
        ("stop", 2, 0),
        ("True", 3, 3),
        ("{{ state.n < 2000 }}", 1000, 1000),
    ],
)
def test_a_loop_runs_while_its_condition_holds(condition: str, most: int, n: int) -> None:
    """And never more often than it may."""
    node = {**LOOP, "condition": condition, "max_iterations": most, "body": [PLUS]}
    last = run(node, n=0, go=True)
    assert (last["type"], last["state"]["n"]) == ("final", n)


def test_a_loop_gives_the_whole_state() -> None:
    """Each node of its body sees what the ones before left."""
    body = [PLUS, {"name": "note", "run": "return {'seen': state.get('seen', []) + [state['n']]}"}]
    last = run({**LOOP, "body": body}, n=0, other="kept")
    assert last["state"] == {"n": 3, "other": "kept", "seen": [1, 2, 3]}


def test_a_loop_whose_body_fails() -> None:
    """The error names the loop, the node and the iteration."""
    broken = {"name": "b", "run": "return {'v': 1 / (1 - state['n'])}"}
    last = run({**LOOP, "body": [broken, PLUS]}, n=0)
    assert last["type"] == "error"
    assert last["error"].startswith("Error in while_loop 'w' body node 'b' at iteration 1: ")
    assert "division by zero" in last["error"]


def test_a_loop_inside_branches() -> None:
    """Steps of a branch may loop."""
    loop = {**LOOP, "condition": "{{ state.n < state.item }}", "body": [PLUS]}
    got = results({**DYNAMIC, "steps": [loop]}, xs=[2, 4], n=0)
    assert [r["n"] for r in got] == [2, 4]


def test_branches_inside_branches() -> None:
    """A step of a branch may have branches of its own."""
    inner = {**EACH, "parallel_each": "{{ range(state.item) | list }}", "run": "return {'v': 1}"}
    count = {"name": "count", "run": "return {'c': len(state['parallel_results'])}"}
    got = results({**DYNAMIC, "steps": [inner, count]}, xs=[0, 1, 3])
    assert [r["c"] for r in got] == [0, 1, 3]


def events_of(*nodes: dict[str, Any], **given: Any) -> list[State]:  # noqa: ANN401 - the input
    """Run an agent that is traced; give the events of its spans that have a type."""
    spans: list[State] = []
    engine = YAMLEngine(ACTIONS, trace_exporter="callback", trace_callback=spans.append)
    try:
        agent = {"name": "agent", "settings": {"auto_trace": True}, "nodes": [*nodes]}
        list(engine.load_from_dict(agent).invoke(given))
    finally:
        engine.close()
    return [event for span in spans for event in span["events"] if "event_type" in event]


@pytest.mark.parametrize(
    ("nodes", "given", "kinds"),
    [
        (
            [{**LOOP, "body": [PLUS]}],
            {"n": 2},
            ["LoopStart", "LoopIteration", "LoopIteration", "LoopEnd"],
        ),
        (
            [{**DYNAMIC, **ACTION}, JOIN],
            {"xs": [1]},
            [
                "DynamicParallelStart",
                "DynamicParallelBranchStart",
                "DynamicParallelBranchEnd",
                "DynamicParallelEnd",
            ],
        ),
        ([{**MATRIX, "run": "return {}"}, JOIN], {}, ["MatrixStart", "MatrixEnd"]),
        (
            [{**EACH, "run": "return {}"}, JOIN],
            {"xs": []},
            ["ParallelEachStart", "ParallelEachEnd"],
        ),
    ],
    ids=["while_loop", "dynamic_parallel", "matrix", "parallel_each"],
)
def test_what_is_traced(nodes: list[dict[str, Any]], given: State, kinds: list[str]) -> None:
    """The span of the node has an event for each thing that happened."""
    assert [event["event_type"] for event in events_of(*nodes, **given)] == kinds


def test_what_the_events_of_a_loop_say() -> None:
    """How long it may run, what its condition gave, and why it ended."""
    start, first, second, end = events_of({**LOOP, "body": [PLUS]}, n=2)
    assert start["max_iterations"] == 9
    assert (first["iteration"], first["condition_result"]) == (0, True)
    assert second["condition_result"] is False
    assert (end["iterations_completed"], end["exit_reason"]) == (1, "condition_false")
