"""Fan-outs: how branches run, when they are given up, and who waits for whom."""

# ruff: noqa: ARG001, ARG005 - nodes take what they may take

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow import (
    CircuitBreakerConfig,
    ParallelConfig,
    RetryPolicy,
    StateGraph,
)
from codeanatomy.workflow.journal.open import open_journal
from codeanatomy.workflow.parallel.setup import Parallel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

State = dict[str, Any]


def fork(
    branches: dict[str, Callable[..., Any]],
    config: ParallelConfig | None = None,
    **compiled: Any,  # noqa: ANN401 - of compile
) -> StateGraph:
    """Make the graph start -> branches -> join; join keeps what it is given."""
    graph = StateGraph({}, parallel_config=config)
    graph.add_node("start")
    graph.add_fanin_node("join", lambda state, parallel_results: {"joined": parallel_results})
    for name, run in branches.items():
        graph.add_node(name, run)
        graph.add_parallel_edge("start", name, "join")
        graph.add_edge(name, "join")
    graph.set_entry_point("start")
    graph.set_finish_point("join")
    return graph.compile(**compiled)


def last(graph: StateGraph, given: State | None = None, **run: Any) -> State:  # noqa: ANN401 - the config
    """Run a graph; give its last event."""
    event: State = list(graph.invoke(given or {}, run))[-1]
    return event


def stuck(state: State) -> State:
    """Take far longer than any test."""
    time.sleep(30)
    return {}


EXIT = """
import threading, time
from codeanatomy.workflow import ParallelConfig, StateGraph
graph = StateGraph({}, parallel_config=ParallelConfig(timeout_seconds=0.05))
graph.add_node("start")
graph.add_node("stuck", lambda state: time.sleep(600))
graph.add_fanin_node("join", lambda parallel_results: {"late": parallel_results[0].timeout})
graph.add_parallel_edge("start", "stuck", "join")
graph.set_entry_point("start")
graph.set_finish_point("join")
print(list(graph.compile().invoke({}))[-1]["state"]["late"])
"""


def test_the_program_does_not_wait_for_a_stuck_branch_at_its_end() -> None:
    """It has said what there is to say, and is over."""
    ended = subprocess.run(
        [sys.executable, "-c", EXIT], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == "True\n"


def test_a_run_that_is_left_gives_its_branches_up() -> None:
    """Who stops listening to a stream does not wait for the branches, and they stop."""
    left = threading.Event()
    seen: list[str] = []

    def first(state: State) -> State:
        seen.append("first")
        left.wait(timeout=10)
        return {}

    graph = StateGraph({})
    graph.add_node("start")
    graph.add_fanin_node("join")
    graph.add_node("quick", lambda state: {"x": 1})
    graph.add_node("first", first)
    graph.add_node("second", lambda state: seen.append("second"))
    graph.add_parallel_edge("start", "quick", "join")
    graph.add_parallel_edge("start", "first", "join")
    graph.add_edge("quick", "join")
    graph.add_edge("first", "second")
    graph.add_edge("second", "join")
    graph.set_entry_point("start")
    graph.set_finish_point("join")
    stream = graph.compile().stream({})
    assert next(stream)["branch"] == "quick"
    stream.close()
    left.set()
    time.sleep(0.05)
    assert "second" not in seen


def test_branches_of_a_given_up_branch_stop() -> None:
    """A branch whose time is over does not go on to its next node."""
    seen: list[str] = []
    over = threading.Event()

    def slow(state: State) -> State:
        over.wait(timeout=10)
        return {}

    graph = StateGraph({}, parallel_config=ParallelConfig(timeout_seconds=0.03))
    graph.add_node("start")
    graph.add_fanin_node("join")
    graph.add_node("slow", slow)
    graph.add_node("next", lambda state: seen.append("next"))
    graph.add_parallel_edge("start", "slow", "join")
    graph.add_edge("slow", "next")
    graph.add_edge("next", "join")
    graph.set_entry_point("start")
    graph.set_finish_point("join")
    assert last(graph.compile())["type"] == "final"
    over.set()
    time.sleep(0.05)
    assert seen == []


def test_delays_between_attempts() -> None:
    """They are slept by what the graph was told to sleep with, and by nothing else."""
    slept: list[float] = []
    policy = RetryPolicy(max_retries=3, base_delay=100.0, max_delay=300.0)

    def fail(state: State) -> State:
        raise ValueError

    graph = fork({"a": fail}, ParallelConfig(retry_policy=policy))
    graph.parallel.sleep = slept.append
    assert last(graph)["state"]["joined"][0].retry_count == 3
    assert slept == [100.0, 200.0, 300.0]


def test_a_delay_ends_where_the_branch_is_given_up() -> None:
    """A branch whose time is over does not try again."""
    calls: list[int] = []

    def fail(state: State) -> State:
        calls.append(1)
        raise ValueError

    policy = RetryPolicy(max_retries=5, base_delay=0.08, backoff_multiplier=1.0)
    graph = fork({"a": fail}, ParallelConfig(retry_policy=policy, timeout_seconds=0.03))
    assert last(graph)["state"]["joined"][0].timeout
    time.sleep(0.1)
    assert calls == [1]


def test_a_timeout_is_a_failure_to_a_circuit() -> None:
    """A branch that is late too often is not run."""
    config = ParallelConfig(
        timeout_seconds=0.03, circuit_breaker=CircuitBreakerConfig(failure_threshold=1)
    )
    graph = fork({"a": stuck}, config)
    first, second = (last(graph)["state"]["joined"][0] for _ in range(2))
    assert (first.timeout, first.circuit_state) == (True, "open")
    assert second.error_type == "CircuitOpenError"


def test_a_trial_of_a_circuit_that_is_given_up_is_no_trial() -> None:
    """A half-open circuit lets the next call through where another branch ended this one."""
    begun = threading.Event()

    def trial(state: State) -> State:
        if state["trial"] == "fails":
            raise ValueError
        if state["trial"] == "stuck":
            begun.set()
            time.sleep(30)
        return {"fine": True}

    def other(state: State) -> State:
        if state["trial"] == "stuck":
            begun.wait(timeout=10)
            raise ValueError
        return {}

    circuit = CircuitBreakerConfig(failure_threshold=1, reset_timeout=0.0)
    graph = fork({"t": trial, "o": other}, ParallelConfig(circuit_breaker=circuit))
    last(graph, {"trial": "fails"})
    assert graph.get_circuit_states()["t"]["state"] == "open"
    graph.parallel.config.fail_fast = True
    assert last(graph, {"trial": "stuck"})["type"] == "error"
    assert graph.get_circuit_states()["t"]["state"] == "half_open"
    assert last(graph, {"trial": "fine"})["state"]["joined"][0]["fine"]


@pytest.mark.parametrize("streaming", [False, True])
def test_many_fan_outs_at_once(streaming: bool) -> None:  # noqa: FBT001 - a column of the table
    """Runs of one graph in several threads do not meet."""
    graph = fork({f"b{i}": lambda state, node: {"v": (state["n"], node)} for i in range(8)})
    found: list[list[Any]] = []

    def work(n: int) -> None:
        events = graph.stream({"n": n}) if streaming else graph.invoke({"n": n})
        results = list(events)[-1]["state"]["joined"]
        found.append(sorted(r["v"] for r in results))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(found) == [[(n, f"b{i}") for i in range(8)] for n in range(8)]


def test_branches_deeper_than_there_are_places() -> None:
    """Fan-outs inside fan-outs do not wait for each other's places."""
    graph = StateGraph({}, max_workers=1)
    graph.add_node("n0")
    for depth in range(6):
        graph.add_fanin_node(f"j{depth}", lambda parallel_results: {"n": len(parallel_results)})
        for side in "ab":
            graph.add_node(f"n{depth + 1}{side}")
    graph.add_node("x0")
    graph.set_entry_point("x0")
    source = "x0"
    for depth in range(6):
        for side in "ab":
            graph.add_parallel_edge(source, f"n{depth + 1}{side}", f"j{depth}")
        graph.add_edge(f"n{depth + 1}b", f"j{depth}")
        if depth:
            graph.add_edge(f"j{depth}", f"j{depth - 1}")
        source = f"n{depth + 1}a"
    graph.add_edge(source, "j5")
    graph.set_finish_point("j0")
    assert last(graph.compile())["state"]["n"] == 2


def test_an_asynchronous_run_waits_without_blocking() -> None:
    """Other coroutines run while branches do, and coroutine nodes run on the caller's loop."""
    loops: list[asyncio.AbstractEventLoop] = []

    async def node(state: State) -> State:
        loops.append(asyncio.get_running_loop())
        await asyncio.sleep(0.02)
        return {"x": 1}

    def sync(state: State) -> State:
        time.sleep(0.03)
        return {"x": 2}

    async def main() -> tuple[int, State]:
        ticks = 0
        done = asyncio.ensure_future(collect())
        while not done.done():
            ticks += 1
            await asyncio.sleep(0.002)
        return ticks, await done

    async def collect() -> State:
        graph = fork({"a": node, "b": sync}, ParallelConfig(strategy="asyncio"))
        event: State = [e async for e in graph.ainvoke({})][-1]
        return event

    ticks, event = asyncio.run(main())
    assert ticks > 3
    assert [r["x"] for r in event["state"]["joined"]] == [1, 2]


@pytest.mark.parametrize("strategy", ["thread", "asyncio", "process"])
def test_a_run_that_blocks_its_callers_loop(strategy: str) -> None:
    """A coroutine node that runs another graph without awaiting it does not wait for itself."""

    async def inner(state: State) -> State:
        await asyncio.sleep(0)
        return {"x": 1}

    async def outer(state: State) -> State:
        results = last(fork({"a": inner, "b": inner}, ParallelConfig(strategy=strategy)))
        return {"n": sum(r["x"] for r in results["state"]["joined"])}

    async def collect() -> State:
        event: State = [e async for e in fork({"o": outer}).ainvoke({})][-1]
        return event

    event = asyncio.run(collect())
    assert event["state"]["joined"][0]["n"] == 2


def test_coroutine_nodes_of_all_branches_share_a_loop() -> None:
    """They may wait for each other there, also in a run that is not asynchronous itself."""
    loops: list[asyncio.AbstractEventLoop] = []
    events: dict[str, asyncio.Event] = {}

    async def wait(state: State) -> State:
        loops.append(asyncio.get_running_loop())
        event = events.setdefault("told", asyncio.Event())
        await asyncio.wait_for(event.wait(), 5)
        return {"x": "waited"}

    async def tell(state: State) -> State:
        loops.append(asyncio.get_running_loop())
        events.setdefault("told", asyncio.Event()).set()
        return {"x": "told"}

    event = last(fork({"a": wait, "b": tell}, ParallelConfig(strategy="asyncio")))
    assert [r["x"] for r in event["state"]["joined"]] == ["waited", "told"]
    assert len(set(loops)) == 1
    assert loops[0].is_closed()


def test_a_coroutine_that_is_given_up_is_cancelled() -> None:
    """It hears of it, and does not go on."""
    heard = threading.Event()

    async def stay(state: State) -> State:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            heard.set()
            raise
        return {}

    config = ParallelConfig(strategy="asyncio", timeout_seconds=0.03)
    assert last(fork({"a": stay}, config))["state"]["joined"][0].timeout
    assert heard.wait(5)


def test_finished_branches_are_not_run_again_by_a_run_that_goes_on(tmp_path: Path) -> None:
    """Nor are the recorded steps of the others."""
    ran: list[str] = []
    broken = [True]

    def note(state: State, node: str) -> State:
        ran.append(node)
        if node == "b2" and broken[0]:
            raise ValueError("broken")
        return {node: True}

    graph = StateGraph({}, parallel_config=ParallelConfig(fail_fast=True, max_workers=1))
    graph.add_node("start", note)
    graph.add_fanin_node(
        "join", lambda parallel_results: {"all": [dict(r.state) for r in parallel_results]}
    )
    for name in "ab":
        graph.add_node(name, note)
        graph.add_node(f"{name}2", note)
        graph.add_parallel_edge("start", name, "join")
        graph.add_edge(name, f"{name}2")
        graph.add_edge(f"{name}2", "join")
    graph.set_entry_point("start")
    graph.set_finish_point("join")
    graph.compile(journal=open_journal(str(tmp_path / "journal.db")))
    run = {"thread_id": "t"}
    assert list(graph.invoke({}, run))[-1]["type"] == "error"
    assert ran == ["start", "a", "a2", "b", "b2"]
    ran.clear()
    broken[0] = False
    event = list(graph.invoke(None, run))[-1]
    assert event["state"]["all"] == [
        {"start": True, "a": True, "a2": True},
        {"start": True, "b": True, "b2": True},
    ]
    assert ran == ["b2"]


@pytest.mark.parametrize(
    ("edges", "graph", "run", "threads", "limit"),
    [
        ([], None, None, None, 128),
        ([2], None, None, None, 2),
        ([2, 5, None], None, None, None, 5),
        ([None], 3, None, None, 3),
        ([2], 3, 4, None, 4),
        ([9], 3, None, 6, 6),
        ([9], 3, 4, 2, 2),
    ],
)
def test_how_many_branches_run_at_once(
    edges: list[int | None],
    graph: int | None,
    run: int | None,
    threads: int | None,
    limit: int,
) -> None:
    """The run says it before the edges, they before the graph; threads are never more."""
    parallel = Parallel(max_workers=graph, max_active_threads=threads)
    given = {} if run is None else {"max_workers": run}
    configs = [ParallelConfig(max_workers=n) for n in edges]
    assert parallel.limit(configs, given) == limit
