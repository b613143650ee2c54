"""What the API promises of runs with parallel edges: results, events, failures, callbacks."""

# ruff: noqa: ARG001, ARG002, ARG005 - functions here take what the API lets them take

from __future__ import annotations

import copy
import logging
import threading
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest
from the_edge_agent import (
    CircuitBreakerConfig,
    CircuitState,
    ParallelConfig,
    ParallelFlowContext,
    ParallelFlowResult,
    RetryPolicy,
    StateGraph,
)
from the_edge_agent.parallel import ParallelFlowCallback

if TYPE_CHECKING:
    from collections.abc import Callable

State = dict[str, Any]
QUICK = RetryPolicy(max_retries=2, base_delay=0.0)


def fork(
    *,
    config: ParallelConfig | None = None,
    edges: dict[str, ParallelConfig] | None = None,
    compiled: dict[str, Any] | None = None,
    options: dict[str, Any] | None = None,
    branches: dict[str, Callable[..., Any]] | None = None,
    **more: Callable[..., Any],
) -> StateGraph:
    """Make the graph start -> branches -> join -> end; join keeps what it is given."""
    graph = StateGraph({}, parallel_config=config, **(options or {}))
    graph.add_node("start", lambda state: {"from": "start"})
    graph.add_fanin_node("join", lambda state, parallel_results: {"joined": parallel_results})
    for name, run in {**(branches or {}), **more}.items():
        graph.add_node(name, run)
        graph.add_parallel_edge("start", name, "join", (edges or {}).get(name))
        graph.add_edge(name, "join")
    graph.set_entry_point("start")
    graph.set_finish_point("join")
    return graph.compile(**(compiled or {}))


def run(graph: StateGraph, state: State | None = None) -> tuple[list[State], list[Any]]:
    """Invoke a graph; return its events and the results that its fan-in node was given."""
    events = list(graph.invoke(state or {}))
    last = events[-1]
    return events, last["state"]["joined"] if last["type"] == "final" else []


def fail(state: State) -> State:
    """Fail."""
    raise ValueError("broken")


def failing(times: int) -> Callable[[State], State]:
    """Make a function that fails so many times, and then says how often it was called."""
    calls = []

    def attempt(state: State) -> State:
        calls.append(state)
        if len(calls) <= times:
            raise ValueError(f"broken {len(calls)}")
        return {"calls": len(calls)}

    return attempt


def stuck(state: State) -> State:
    """Take far longer than any test."""
    time.sleep(30)
    return {}


def test_results_are_in_the_order_of_the_edges() -> None:
    """The first branch is the slowest, and still first."""

    def slow(state: State) -> State:
        time.sleep(0.02)
        return {"x": 1}

    _, results = run(fork(a=slow, b=lambda state: {"x": 2}, c=lambda state: {"x": 3}))
    assert [(r.branch, r["x"], r.success) for r in results] == [
        ("a", 1, True),
        ("b", 2, True),
        ("c", 3, True),
    ]


def test_results_are_in_the_state_after_the_join() -> None:
    """The key is `parallel_results`, and holds ParallelFlowResult."""
    events, _ = run(fork(a=lambda state: {}))
    assert events[-1]["type"] == "final"
    assert [type(r) for r in events[-1]["state"]["parallel_results"]] == [ParallelFlowResult]


def test_a_branch_has_a_copy_of_the_state() -> None:
    """What one changes deep inside is not seen by another, nor by the main line."""

    def change(state: State) -> State:
        state["deep"]["list"].append(len(state["deep"]["list"]))
        return {}

    given = {"deep": {"list": [0]}}
    events, results = run(fork(a=change, b=change), given)
    assert [r["deep"] for r in results] == [{"list": [0, 1]}, {"list": [0, 1]}]
    assert events[-1]["state"]["deep"] == {"list": [0]}
    assert given == {"deep": {"list": [0]}}


def test_a_branch_is_a_path_to_the_fan_in_node() -> None:
    """Every node on it runs, with conditions as in the main line."""
    graph = StateGraph({})
    graph.add_node("start")
    graph.add_node("a", lambda state: {"path": ["a"]})
    graph.add_node("odd", lambda state: {"path": [*state["path"], "odd"]})
    graph.add_node("even", lambda state: {"path": [*state["path"], "even"]})
    graph.add_fanin_node("join", lambda state, parallel_results: {"p": parallel_results[0]["path"]})
    graph.add_parallel_edge("start", "a", "join")
    graph.add_conditional_edges("a", lambda state: state["n"] % 2, {0: "even", 1: "odd"})
    graph.add_edge("odd", "join")
    graph.add_edge("even", "join")
    graph.set_entry_point("start")
    graph.set_finish_point("join")
    found = [list(graph.compile().invoke({"n": n}))[-1]["state"]["p"] for n in (1, 2)]
    assert found == [["a", "odd"], ["a", "even"]]


def test_branches_run_at_the_same_time() -> None:
    """All of them wait for each other, which only works when all have begun."""
    barrier = threading.Barrier(5)

    def meet(state: State) -> State:
        barrier.wait(timeout=5)
        return {"met": True}

    _, results = run(fork(branches=dict.fromkeys("abcde", meet)))
    assert [r.get("met") for r in results] == [True] * 5


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("where", ["constructor", "compile", "edge", "run", "threads"])
def test_no_more_branches_run_at_once_than_allowed(limit: int, where: str) -> None:
    """The limit may stand in the constructor, a config, or the config of the run."""
    lock, running, most = threading.Lock(), [0], [0]

    def work(state: State) -> State:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.004)
        with lock:
            running[0] -= 1
        return {}

    config = ParallelConfig(max_workers=limit)
    names = list("abcdef")
    graph = fork(
        edges=dict.fromkeys(names, config) if where == "edge" else None,
        compiled={"parallel_config": config}
        if where == "compile"
        else {"max_active_threads": limit}
        if where == "threads"
        else {},
        options={"max_workers": limit} if where == "constructor" else {},
        branches=dict.fromkeys(names, work),
    )
    given = {"max_workers": limit} if where == "run" else {}
    assert list(graph.invoke({}, given))[-1]["type"] == "final"
    assert most[0] == limit


VARIABLE: ContextVar[str] = ContextVar("variable", default="nothing")


@pytest.mark.parametrize("strategy", ["thread", "process", "asyncio"])
def test_context_variables_are_copied_into_branches(strategy: str) -> None:
    """A branch sees what was set before, and what it sets is its own."""

    def look(state: State) -> State:
        seen = VARIABLE.get()
        VARIABLE.set(f"{seen} changed")
        return {"seen": seen}

    token = VARIABLE.set("outside")
    try:
        _, results = run(fork(config=ParallelConfig(strategy=strategy), a=look, b=look))
        assert VARIABLE.get() == "outside"
    finally:
        VARIABLE.reset(token)
    assert [r["seen"] for r in results] == ["outside", "outside"]


def test_every_branch_of_a_nested_fan_out_runs() -> None:
    """A branch may itself split and join before it comes to its end."""
    graph = StateGraph({})
    graph.add_node("start")
    graph.add_fanin_node("join", lambda state, parallel_results: {"all": parallel_results})
    for outer in "ab":
        graph.add_node(outer, lambda state: {"n": [1]})
        graph.add_parallel_edge("start", outer, "join")
        graph.add_fanin_node(
            f"{outer}j",
            lambda state, parallel_results: {"n": [r["n"][-1] for r in parallel_results]},
        )
        for inner in (1, 2, 3):
            name = f"{outer}{inner}"
            graph.add_node(name, lambda state, node: {"n": [*state["n"], node]})
            graph.add_parallel_edge(outer, name, f"{outer}j")
            graph.add_edge(name, f"{outer}j")
        graph.add_edge(f"{outer}j", "join")
    graph.set_entry_point("start")
    graph.set_finish_point("join")
    graph.compile(parallel_config=ParallelConfig(max_workers=1))
    results = list(graph.invoke({}))[-1]["state"]["all"]
    assert [r["n"] for r in results] == [["a1", "a2", "a3"], ["b1", "b2", "b3"]]


@pytest.mark.parametrize(
    ("raising", "error", "kind"),
    [(False, "broken", "ExecutionError")],
)
def test_a_failed_branch_is_a_result(raising: bool, error: str, kind: str) -> None:  # noqa: FBT001 - a column of the table
    """The fan-in node sees which one failed and how."""
    _, results = run(
        fork(a=fail, b=lambda state: {"x": 1}, options={"raise_exceptions": raising}), {"in": 1}
    )
    failed, fine = results
    assert (failed.success, failed.error, failed.error_type) == (False, error, kind)
    assert failed.attempt_errors == [{"attempt": 0, "error": error, "error_type": kind}]
    assert failed.state == {"in": 1, "from": "start"}
    assert fine.success
    assert fine["x"] == 1


def test_the_event_of_a_failed_branch_names_it() -> None:
    """The node of the event is the branch, its state that of the branch."""
    events, _ = run(fork(a=fail, b=lambda state: {}))
    assert events[0] == {
        "type": "error",
        "node": "a",
        "error": "broken",
        "state": {"from": "start"},
    }


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (ParallelConfig(), "Error in node 'a': Error in node 'a': broken"),
        (
            ParallelConfig(fail_fast=True),
            "Parallel execution aborted due to failures in: ['a']",
        ),
    ],
    ids=["plain", "fail-fast"],
)
def test_a_failed_branch_is_raised_where_errors_are(config: ParallelConfig, text: str) -> None:
    """The text says in which branch; with fail_fast it lists the branches."""
    graph = fork(config=config, options={"raise_exceptions": True}, a=fail)
    with pytest.raises(RuntimeError) as raised:
        list(graph.invoke({}))
    assert str(raised.value) == text


def test_failures_are_runtime_errors_where_errors_are_raised() -> None:
    """The result that a callback hears of says so."""
    heard = Listening()
    graph = fork(
        options={"raise_exceptions": True}, compiled={"parallel_callbacks": [heard]}, a=fail
    )
    with pytest.raises(RuntimeError):
        list(graph.invoke({}))
    result = heard.of("complete")[0][1]
    assert (result.error, result.error_type) == ("Error in node 'a': broken", "RuntimeError")


def test_stream_tells_of_branches() -> None:
    """Their steps are `parallel_state`, a failed one is `parallel_error`; others are joined."""
    graph = fork(a=fail, b=lambda state: {"x": 2})
    events = list(graph.stream({}))
    told = [e for e in events if e["type"].startswith("parallel_")]
    assert sorted(told, key=lambda e: e["branch"]) == [
        {
            "type": "parallel_error",
            "branch": "a",
            "node": "a",
            "error": "broken",
            "state": {"from": "start"},
        },
        {
            "type": "parallel_state",
            "branch": "b",
            "node": "b",
            "state": {"from": "start", "x": 2},
        },
    ]
    assert events[-1]["type"] == "final"
    assert events[-1]["state"]["parallel_results"] == [{"from": "start", "x": 2}]


@pytest.mark.parametrize(
    ("config", "raising", "kinds"),
    [
        (ParallelConfig(), False, ["state", "parallel_error", "state", "final"]),
        (ParallelConfig(fail_fast=True), False, ["state", "parallel_error", "error"]),
        (ParallelConfig(), True, ["state", "raised"]),
    ],
    ids=["plain", "fail-fast", "raising"],
)
def test_a_stream_with_a_failed_branch(
    config: ParallelConfig,
    raising: bool,  # noqa: FBT001 - a column of the table
    kinds: list[str],
) -> None:
    """The run goes on to the fan-in node, or ends there, or is raised."""
    told = []
    try:
        for event in fork(config=config, options={"raise_exceptions": raising}, a=fail).stream({}):
            told.append(event["type"])  # noqa: PERF401 - what came before an error counts
    except RuntimeError:
        told.append("raised")
    assert told == kinds


def test_stream_joins_in_the_order_of_completion() -> None:
    """The one that is done first is first."""
    second = threading.Event()

    def first_edge(state: State) -> State:
        second.wait(timeout=5)
        time.sleep(0.01)
        return {"x": 1}

    def second_edge(state: State) -> State:
        second.set()
        return {"x": 2}

    last = list(fork(a=first_edge, b=second_edge).stream({}))[-1]
    assert [s["x"] for s in last["state"]["parallel_results"]] == [2, 1]


@pytest.mark.parametrize("limit", [{"timeout_seconds": 0.05}, {"timeout_total": 0.05}])
@pytest.mark.parametrize("strategy", ["thread", "process", "asyncio"])
def test_a_stuck_branch_is_not_waited_for(limit: dict[str, float], strategy: str) -> None:
    """The run has its result when its time is over, and goes on."""
    config = ParallelConfig(strategy=strategy, **limit)
    began = time.monotonic()
    events, results = run(fork(edges={"a": config}, a=stuck, b=lambda state: {"x": 1}))
    assert time.monotonic() - began < 5
    late, fine = results
    assert late.to_dict() == {
        **ParallelFlowResult.from_timeout("a", None, late.timing_ms, 0.05).to_dict()
    }
    assert fine["x"] == 1
    assert events[0]["error"] == "Flow timed out after 0.05s"
    assert events[0]["state"] == {"from": "start"}


def test_the_time_of_a_branch_begins_with_it() -> None:
    """Branches that wait for a thread have not begun."""
    config = ParallelConfig(timeout_seconds=0.2, max_workers=1)

    def work(state: State) -> State:
        time.sleep(0.06)
        return {"x": 1}

    _, results = run(fork(config=config, a=work, b=work, c=work, d=work))
    assert [r.success for r in results] == [True] * 4


def test_stuck_branches_do_not_keep_others_from_running() -> None:
    """Where one has the only place, the place is free when its time is over."""
    config = ParallelConfig(timeout_seconds=0.03, max_workers=1)
    _, results = run(fork(config=config, a=stuck, b=stuck, c=lambda state: {"x": 1}))
    assert [r.timeout for r in results] == [True, True, False]


@pytest.mark.parametrize("strategy", ["thread", "process", "asyncio"])
def test_fail_fast_does_not_wait(strategy: str) -> None:
    """The first failure ends the run while the other branch is still at work."""
    config = ParallelConfig(fail_fast=True, strategy=strategy)
    began = time.monotonic()
    events = list(fork(config=config, a=stuck, b=fail).invoke({}))
    assert time.monotonic() - began < 5
    assert [e["type"] for e in events] == ["error"]
    assert (events[0]["node"], events[0]["error"]) == ("b", "broken")


def test_a_branch_that_succeeds_in_the_end() -> None:
    """Its result counts the further attempts."""
    _, results = run(fork(config=ParallelConfig(retry_policy=QUICK), a=failing(2)))
    assert (results[0].success, results[0].retry_count, results[0]["calls"]) == (True, 2, 3)


def test_a_branch_that_fails_to_the_end() -> None:
    """Its result has the last error, and those of the attempts."""
    _, results = run(fork(config=ParallelConfig(retry_policy=QUICK), a=failing(9)))
    assert (results[0].retry_count, results[0].error) == (2, "broken 3")
    assert [e["attempt"] for e in results[0].attempt_errors] == [0, 1, 2]
    assert [e["error"] for e in results[0].attempt_errors] == ["broken 1", "broken 2", "broken 3"]


def test_only_so_many_errors_are_kept() -> None:
    """There is one for each attempt otherwise."""
    policy = RetryPolicy(max_retries=6, base_delay=0.0, max_stored_errors=3)
    _, results = run(fork(config=ParallelConfig(retry_policy=policy), a=failing(9)))
    assert len(results[0].attempt_errors) == 3


def test_every_attempt_starts_from_the_same_state() -> None:
    """What a failed attempt left in the state is gone."""
    seen: list[State] = []

    def leave(state: State) -> State:
        seen.append(dict(state))
        state["left"] = len(seen)
        if len(seen) < 3:
            raise ValueError
        return {}

    run(fork(config=ParallelConfig(retry_policy=QUICK), a=leave))
    assert seen == [{"from": "start"}] * 3


@pytest.mark.parametrize(
    ("kinds", "attempts"),
    [(None, 3), ({RuntimeError}, 3), ({ValueError}, 3), ({TypeError}, 1), ({Exception}, 3)],
)
@pytest.mark.parametrize("raising", [True, False])
def test_failures_of_nodes_are_runtime_errors_to_a_retry(
    kinds: set[type[Exception]] | None,
    attempts: int,
    raising: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """They are also what the node raised; other kinds are not tried again."""
    calls: list[int] = []

    def count(state: State) -> State:
        calls.append(1)
        raise ValueError

    policy = RetryPolicy(max_retries=2, base_delay=0.0, retry_on=kinds)
    graph = fork(
        config=ParallelConfig(retry_policy=policy), options={"raise_exceptions": raising}, a=count
    )
    if raising:
        with pytest.raises(RuntimeError):
            list(graph.invoke({}))
    else:
        list(graph.invoke({}))
    assert len(calls) == attempts


def test_a_traceback_is_in_the_result_where_it_is_asked_for() -> None:
    """It leads to the line of the node that failed."""
    _, results = run(fork(config=ParallelConfig(include_traceback=True), a=fail))
    assert 'raise ValueError("broken")' in results[0].traceback


@pytest.mark.parametrize("near", ["edge", "compile", "constructor"])
def test_the_nearest_config_counts(near: str) -> None:
    """An edge comes before compile, compile before the constructor."""
    near_one = ParallelConfig(retry_policy=QUICK)
    far_one = ParallelConfig()
    graph = fork(
        config=near_one if near == "constructor" else far_one,
        compiled={"parallel_config": near_one if near == "compile" else far_one}
        if near != "constructor"
        else {},
        edges={"a": near_one} if near == "edge" else {},
        a=failing(2),
    )
    _, results = run(graph)
    assert results[0].retry_count == 2


def opening(graph: StateGraph, runs: int) -> list[ParallelFlowResult]:
    """Run a graph so many times; return the results of its first branch."""
    return [run(graph)[1][0] for _ in range(runs)]


def test_a_circuit_opens_and_its_branch_is_not_run() -> None:
    """Its result says so, and the others run on."""
    config = ParallelConfig(circuit_breaker=CircuitBreakerConfig(failure_threshold=2))
    graph = fork(edges={"a": config}, a=fail, b=lambda state: {"x": 1})
    first, second, third = opening(graph, 3)
    assert [first.circuit_state, second.circuit_state] == ["closed", "open"]
    assert third.to_dict() == ParallelFlowResult.from_circuit_open("a", "a").to_dict()
    assert graph.get_circuit_states()["a"]["state"] == "open"
    graph.reset_circuit("a")
    assert graph.get_circuit_states()["a"]["state"] == "closed"
    assert opening(graph, 1)[0].error == "broken"


def test_a_success_says_that_its_circuit_is_closed() -> None:
    """Without a circuit it says nothing."""
    config = ParallelConfig(circuit_breaker=CircuitBreakerConfig())
    _, results = run(fork(edges={"a": config}, a=lambda state: {}, b=lambda state: {}))
    assert [r.circuit_state for r in results] == ["closed", None]


def test_the_stream_tells_of_an_open_circuit() -> None:
    """The event has the state of the circuit."""
    config = ParallelConfig(circuit_breaker=CircuitBreakerConfig(failure_threshold=1))
    graph = fork(config=config, a=fail)
    run(graph)
    told = [e for e in graph.stream({}) if e["type"] == "parallel_error"]
    assert [(e["error"], e["circuit_state"]) for e in told] == [
        ("Circuit breaker 'a' is open", "open")
    ]


@pytest.mark.parametrize(("scope", "shared"), [("graph", False), ("global", True)])
def test_circuits_belong_to_the_graph_or_to_the_process(scope: str, shared: bool) -> None:  # noqa: FBT001 - a column of the table
    """A second graph sees what the first one opened only where the scope says so."""
    config = ParallelConfig(circuit_breaker=CircuitBreakerConfig(failure_threshold=1))
    name = f"branch_of_{scope}"
    first, second = (
        fork(config=config, compiled={"circuit_breaker_scope": scope}, branches={name: fail})
        for _ in range(2)
    )
    run(first)
    _, results = run(second)
    assert (results[0].error_type == "CircuitOpenError") is shared
    first.reset_all_circuits()
    assert {told["state"] for told in first.get_circuit_states().values()} == {"closed"}


class Listening:
    """A callback that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, tuple[Any, ...]]] = []

    def of(self, kind: str) -> list[tuple[Any, ...]]:
        """Give what was heard of a kind."""
        return [args for name, args in self.heard if name == kind]

    def on_flow_start(self, *args: Any) -> None:  # noqa: ANN401, D102 - one of the promised names
        self.heard.append(("start", args))

    def on_flow_complete(self, *args: Any) -> None:  # noqa: ANN401, D102 - as above
        self.heard.append(("complete", args))

    def on_flow_error(self, *args: Any) -> None:  # noqa: ANN401, D102 - as above
        self.heard.append(("error", args))

    def on_flow_timeout(self, *args: Any) -> None:  # noqa: ANN401, D102 - as above
        self.heard.append(("timeout", args))

    def on_flow_retry(self, *args: Any) -> None:  # noqa: ANN401, D102 - as above
        self.heard.append(("retry", args))

    def on_circuit_state_change(self, *args: Any) -> None:  # noqa: ANN401, D102 - as above
        self.heard.append(("circuit", args))


@pytest.mark.parametrize(
    ("branch", "config", "raising", "kinds"),
    [
        (lambda state: {}, ParallelConfig(), False, ["start", "complete"]),
        (fail, ParallelConfig(), False, ["start", "complete"]),
        (fail, ParallelConfig(), True, ["start", "error", "complete"]),
        (
            fail,
            ParallelConfig(retry_policy=QUICK),
            True,
            ["start", "error", "retry", "error", "retry", "error", "complete"],
        ),
        (
            fail,
            ParallelConfig(retry_policy=QUICK),
            False,
            ["start", "retry", "retry", "complete"],
        ),
        (stuck, ParallelConfig(timeout_seconds=0.03), False, ["start", "timeout", "complete"]),
    ],
    ids=["success", "failure", "raised", "raised-retries", "retries", "timeout"],
)
def test_what_a_callback_hears(
    branch: Callable[..., Any],
    config: ParallelConfig,
    raising: bool,  # noqa: FBT001 - a column of the table
    kinds: list[str],
) -> None:
    """Each thing that happens to a branch, in its order."""
    heard = Listening()
    graph = fork(
        config=config,
        compiled={"parallel_callbacks": [heard]},
        options={"raise_exceptions": raising},
        a=branch,
    )
    if raising:
        with pytest.raises(RuntimeError):
            list(graph.invoke({}))
    else:
        list(graph.invoke({}))
    assert [name for name, _ in heard.heard] == kinds


def test_a_callback_is_told_which_branch() -> None:
    """Its first argument describes the branch; the others are what happened."""
    heard = Listening()
    config = ParallelConfig(retry_policy=RetryPolicy(max_retries=1, base_delay=0.002))
    graph = fork(config=config, compiled={"parallel_callbacks": [heard]}, a=failing(1))
    run(graph, {"in": 1})
    about = heard.of("start")[0][0]
    assert isinstance(about, ParallelFlowContext)
    assert (about.branch, about.fan_in_node, about.config) == ("a", "join", config)
    assert about.state_snapshot == {"in": 1, "from": "start"}
    _, attempt, delay, error = heard.of("retry")[0]
    assert (attempt, delay, str(error)) == (1, 0.002, "broken 1")
    assert heard.of("complete")[0][1].retry_count == 1


def test_an_open_circuit_is_no_event_of_its_branch() -> None:
    """Nothing is heard of a branch that is not run; the change before was heard."""
    heard = Listening()
    config = ParallelConfig(circuit_breaker=CircuitBreakerConfig(failure_threshold=1))
    graph = fork(config=config, compiled={"parallel_callbacks": [heard]}, a=fail)
    run(graph)
    until = time.monotonic() + 5
    while not heard.of("circuit") and time.monotonic() < until:
        time.sleep(0.002)
    assert heard.of("circuit")[0][1:] == (CircuitState.CLOSED, CircuitState.OPEN)
    heard.heard.clear()
    run(graph)
    assert heard.heard == []


class Partial(ParallelFlowCallback):
    """A callback with one method of its own."""

    def __init__(self) -> None:
        self.results: list[ParallelFlowResult] = []

    def on_flow_complete(self, context: ParallelFlowContext, result: ParallelFlowResult) -> None:
        """Keep the result."""
        self.results.append(result)


class Broken:
    """A callback that fails."""

    def on_flow_start(self, context: ParallelFlowContext) -> None:
        """Fail."""
        raise ValueError("callback")


def test_a_broken_callback_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The run and the other callbacks do not notice."""
    other = Partial()
    graph = fork(compiled={"parallel_callbacks": [Broken(), other]}, a=lambda state: {"x": 1})
    with caplog.at_level(logging.ERROR, "the_edge_agent.parallel"):
        _, results = run(graph)
    assert results[0]["x"] == 1
    assert [r.branch for r in other.results] == ["a"]
    assert "Callback Broken.on_flow_start failed: callback" in caplog.text


def test_what_is_logged_of_a_fan_out(caplog: pytest.LogCaptureFixture) -> None:
    """Its start and its end, with the number of branches."""
    graph = fork(a=lambda state: {}, b=lambda state: {}, options={"log_level": logging.INFO})
    with caplog.at_level(logging.INFO, "the_edge_agent.stategraph"):
        run(graph)
    assert "Starting 2 parallel flow(s) from node 'start'" in caplog.messages
    assert "Joining 2 parallel flow(s) at fan-in node 'join'" in caplog.messages


class Kept:
    """A checkpointer that keeps what it is given."""

    def __init__(self) -> None:
        self.points: dict[str, State] = {}

    def save(self, checkpoint_id: str, state: State, node: str, config: State) -> str:
        """Keep a checkpoint."""
        point = {"state": state, "node": node, "config": config, "timestamp": 0.0}
        self.points[checkpoint_id] = copy.deepcopy(point) | {"version": "1.0"}
        return checkpoint_id

    def load(self, checkpoint_id: str) -> State:
        """Give a checkpoint back."""
        return copy.deepcopy(self.points[checkpoint_id])


def interrupted(**points: list[str]) -> StateGraph:
    """Make a graph whose branches a and b both have two nodes, with interrupts."""
    graph = StateGraph({})
    graph.add_node("start", lambda state: {"from": "start"})
    graph.add_fanin_node("join", lambda state, parallel_results: {"joined": parallel_results})
    for name in "ab":
        graph.add_node(name, lambda state, node: {"path": [node]})
        graph.add_node(f"{name}2", lambda state, node: {"path": [*state["path"], node]})
        graph.add_parallel_edge("start", name, "join")
        graph.add_edge(name, f"{name}2")
        graph.add_edge(f"{name}2", "join")
    graph.set_entry_point("start")
    graph.set_finish_point("join")
    return graph.compile(
        checkpointer=Kept(),
        interrupt_before=points.get("before", []),
        interrupt_after=points.get("after", []),
    )


@pytest.mark.parametrize("points", [{"before": ["a2"]}, {"after": ["a"]}, {"after": ["a2"]}])
def test_an_interrupt_in_a_branch_is_resumed_in_the_branch(points: dict[str, list[str]]) -> None:
    """The run waits there, and goes on there; the other branch is not run again."""
    graph = interrupted(**points)
    waiting = list(graph.invoke({}))[-1]
    assert (waiting["type"], waiting["node"]) == ("interrupt", next(iter(points.values()))[0])
    assert waiting["state"]["path"][0] == "a"
    final = list(graph.invoke(None, checkpoint=waiting["checkpoint_path"]))[-1]
    assert final["type"] == "final"
    assert [r["path"] for r in final["state"]["joined"]] == [["a", "a2"], ["b", "b2"]]


def test_updates_reach_the_branch_that_waits() -> None:
    """What is given on resume is merged into the state of that branch."""
    graph = interrupted(before=["a2"])
    waiting = list(graph.invoke({}))[-1]
    given = {"path": ["changed"]}
    final = list(graph.invoke(given, checkpoint=waiting["checkpoint_path"]))[-1]
    assert [r["path"] for r in final["state"]["joined"]] == [["changed", "a2"], ["b", "b2"]]


def test_two_branches_that_wait_are_told_one_after_the_other() -> None:
    """Each interrupt is told once and answered once."""
    graph = interrupted(before=["a2", "b2"])
    first = list(graph.invoke({}))[-1]
    second = list(graph.invoke(None, checkpoint=first["checkpoint_path"]))[-1]
    assert (first["node"], second["node"]) == ("a2", "b2")
    final = list(graph.invoke(None, checkpoint=second["checkpoint_path"]))[-1]
    assert [r["path"] for r in final["state"]["joined"]] == [["a", "a2"], ["b", "b2"]]
