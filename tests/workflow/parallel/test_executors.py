"""Executors used alone: what they call, where, and what becomes of it."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextvars import ContextVar
from typing import Any

import pytest

from codeanatomy.workflow import ParallelConfig, ProcessExecutor, StateGraph, ThreadExecutor
from codeanatomy.workflow.parallel.streams import Streams

State = dict[str, Any]
VARIABLE: ContextVar[int] = ContextVar("variable", default=0)


def add(one: int, *, two: int) -> int:
    """Add."""
    return one + two


@pytest.mark.parametrize("kind", [ThreadExecutor, ProcessExecutor])
def test_a_call_gives_its_result(kind: type[ThreadExecutor]) -> None:
    """Arguments arrive by position and by name."""
    with kind() as executor:
        assert executor.submit(add, 1, two=2).result(timeout=5) == 3


@pytest.mark.parametrize("kind", [ThreadExecutor, ProcessExecutor])
def test_a_call_that_fails(kind: type[ThreadExecutor]) -> None:
    """The future has the error."""
    with kind() as executor, pytest.raises(ZeroDivisionError):
        executor.submit(lambda: 1 / 0).result(timeout=5)


@pytest.mark.parametrize("kind", [ThreadExecutor, ProcessExecutor])
def test_context_variables_are_copied(kind: type[ThreadExecutor]) -> None:
    """As they are when the call is handed over."""
    token = VARIABLE.set(7)
    try:
        with kind() as executor:
            future = executor.submit(VARIABLE.get)
            VARIABLE.set(8)
            assert future.result(timeout=5) == 7
    finally:
        VARIABLE.reset(token)


def test_threads_and_processes() -> None:
    """Each executor calls where it says."""
    with ThreadExecutor() as threads, ProcessExecutor() as processes:
        assert threads.submit(os.getpid).result() == os.getpid()
        assert threads.submit(threading.get_ident).result() != threading.get_ident()
        assert processes.submit(os.getpid).result() != os.getpid()


def test_no_more_calls_at_once_than_there_are_workers() -> None:
    """The others wait, and are done in the end."""
    lock, running, most = threading.Lock(), [0], [0]

    def work() -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.003)
        with lock:
            running[0] -= 1

    with ThreadExecutor(2) as executor:
        futures = [executor.submit(work) for _ in range(8)]
    assert [f.done() for f in futures] == [True] * 8
    assert most[0] == 2


def test_flows_in_processes() -> None:
    """Results are in the order of the flows, each with the state that came of it."""
    flows = [
        {"branch": "a", "flow_func": lambda state: {**state, "y": 1}, "state": {"x": 1}},
        {"branch": "b", "flow_func": lambda state: 1 / state["x"], "state": {"x": 0}},
        {"branch": "c", "flow_func": lambda _state: os._exit(4), "state": {}},
    ]
    with ProcessExecutor() as executor:
        a, b, c = executor.execute(flows, ParallelConfig())
    assert (a.branch, a.success, a.state) == ("a", True, {"x": 1, "y": 1})
    assert (b.success, b.error, b.error_type) == (False, "division by zero", "ZeroDivisionError")
    assert (c.success, c.exit_code) == (False, 4)


def test_flows_have_their_time() -> None:
    """One that is late is given up."""
    flows = [{"branch": "a", "flow_func": lambda _state: time.sleep(30), "state": {}}]
    with ProcessExecutor() as executor:
        (late,) = executor.execute(flows, ParallelConfig(timeout_seconds=0.05))
    assert (late.timeout, late.error) == (True, "Flow timed out after 0.05s")


def write(state: State) -> State:
    """Print lines."""
    for number in range(3):
        print(number)  # noqa: T201 - it goes into a pipe
    return state


def read(state: State) -> State:
    """Read what comes until there is no more."""
    return {**state, "read": sys.stdin.read()}


@pytest.mark.parametrize("readers_first", [True, False])
def test_streams_connect_flows(readers_first: bool) -> None:  # noqa: FBT001 - a column of the table
    """What one writes, the other reads, until the writer is done."""
    flows = [
        {"branch": "r", "flow_func": read, "state": {}, "streams": {"stdin": "lines"}},
        {"branch": "w", "flow_func": write, "state": {"x": 1}, "streams": {"stdout": "lines"}},
        {"branch": "o", "flow_func": dict, "state": {"y": 1}},
    ]
    order = flows if readers_first else flows[::-1]
    with Streams(["lines"]) as streams, ProcessExecutor(1) as executor:
        results = executor.execute(order, ParallelConfig(timeout_seconds=20), streams)
    assert {r.branch: r.state for r in results} == {
        "r": {"read": "0\n1\n2\n"},
        "w": {"x": 1},
        "o": {"y": 1},
    }


def test_streams_connect_branches_of_a_graph() -> None:
    """Nodes of two branches run at the same time, with a pipe between them."""
    graph = StateGraph({}, parallel_config=ParallelConfig(strategy="process", timeout_seconds=20))
    graph.add_node("start")
    graph.add_fanin_node("join", lambda parallel_results: {"read": parallel_results[1]["read"]})
    for name, run in (("before", None), ("write", write), ("read", read)):
        graph.add_node(name, run)
    graph.add_parallel_edge("start", "before", "join")
    graph.add_edge("before", "write")
    graph.add_edge("write", "join")
    graph.add_parallel_edge("start", "read", "join")
    graph.add_edge("read", "join")
    graph.set_entry_point("start")
    graph.set_finish_point("join")
    graph.compile()
    graph.parallel.streams = {"write": {"stdout": "lines"}, "read": {"stdin": "lines"}}
    for _ in range(2):
        assert list(graph.invoke({}))[-1]["state"]["read"] == "0\n1\n2\n"


def test_a_stream_that_is_not_there() -> None:
    """The flow fails and says which streams there are."""
    flows = [{"branch": "a", "flow_func": write, "state": {}, "streams": {"stdout": "nobody"}}]
    with Streams(["lines"]) as streams, ProcessExecutor() as executor:
        (result,) = executor.execute(flows, ParallelConfig(), streams)
    assert result.error is not None
    assert "Unknown stream 'stdout': 'nobody'" in result.error
    assert "['lines']" in result.error
