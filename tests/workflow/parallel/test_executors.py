"""Executors used alone: what they call, where, and what becomes of it."""

from __future__ import annotations

import os
import threading
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow import ParallelConfig, ProcessExecutor, ThreadExecutor
from codeanatomy.workflow.parallel.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Callable

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
    """Write lines into what is the standard output."""
    for number in range(3):
        os.write(1, f"{number}\n".encode())
    return state


def fresh(flow: Callable[[State], State]) -> Callable[[State], State]:
    """Give a flow a standard input that reads from where descriptor 0 leads now."""

    def call(state: State) -> State:
        with open(0, "rb", buffering=0, closefd=False) as pipe:
            return {**flow(state), "read": pipe.read().decode()}

    return call


def test_streams_connect_flows() -> None:
    """What one writes, the other reads, until the writer is done."""
    flows = [
        {"branch": "r", "flow_func": fresh(dict), "state": {}, "streams": {"stdin": "lines"}},
        {"branch": "w", "flow_func": write, "state": {"x": 1}, "streams": {"stdout": "lines"}},
    ]
    with Streams(["lines"]) as streams, ProcessExecutor(1) as executor:
        reader, writer = executor.execute(flows, ParallelConfig(timeout_seconds=10), streams)
    assert writer.state == {"x": 1}
    assert reader["read"] == "0\n1\n2\n"


def test_a_stream_that_is_not_there() -> None:
    """The flow fails and says which streams there are."""
    flows = [{"branch": "a", "flow_func": write, "state": {}, "streams": {"stdout": "nobody"}}]
    with Streams(["lines"]) as streams, ProcessExecutor() as executor:
        (result,) = executor.execute(flows, ParallelConfig(), streams)
    assert result.error is not None
    assert "Unknown stream 'stdout': 'nobody'" in result.error
    assert "['lines']" in result.error
