"""Branches whose nodes run in processes: results, failures, deaths, effects."""

# ruff: noqa: ARG001, ARG005 - nodes take what they may take

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow import ParallelConfig, ParallelFlowResult, StateGraph
from codeanatomy.workflow.journal.effects import effect, idempotency_key
from codeanatomy.workflow.journal.open import open_journal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

State = dict[str, Any]


def fork(*nodes: Callable[..., Any], **compiled: Any) -> StateGraph:  # noqa: ANN401 - of compile
    """Make a graph of one branch, a line of nodes n0, n1, ... in processes."""
    graph = StateGraph({}, parallel_config=ParallelConfig(strategy="process"))
    graph.add_node("start")
    graph.add_fanin_node("join", lambda state, parallel_results: {"joined": parallel_results})
    for index, node in enumerate(nodes):
        graph.add_node(f"n{index}", node)
        if index:
            graph.add_edge(f"n{index - 1}", f"n{index}")
    graph.add_parallel_edge("start", "n0", "join")
    graph.add_edge(f"n{len(nodes) - 1}", "join")
    graph.set_entry_point("start")
    graph.set_finish_point("join")
    return graph.compile(**compiled)


def branch(*nodes: Callable[..., Any], **given: Any) -> ParallelFlowResult:  # noqa: ANN401 - the input
    """Run a branch; give its result."""
    result: ParallelFlowResult = list(fork(*nodes).invoke(given))[-1]["state"]["joined"][0]
    return result


def test_nodes_run_in_other_processes() -> None:
    """Closures and lambdas too; each sees what the one before left."""
    captured = [1]
    result = branch(lambda state: {"pid": os.getpid(), "c": captured}, lambda state: {"d": 2})
    assert result.success
    assert result["pid"] != os.getpid()
    assert (result["c"], result["d"]) == ([1], 2)


def test_changes_in_place_come_back() -> None:
    """What a node does to its state is seen by the next one."""

    def change(state: State) -> State:
        state["xs"].append(2)
        return {}

    assert branch(change, lambda state: {"n": len(state["xs"])}, xs=[1])["n"] == 2


async def later(state: State) -> State:
    """Give a result, in a coroutine."""
    return {"x": 1}


def test_coroutines_run_there() -> None:
    """A loop is made in the process."""
    assert branch(later)["x"] == 1


def fail(state: State) -> State:
    """Fail."""
    raise KeyError("broken")


def test_errors_come_back() -> None:
    """The text is that of the node's own error."""
    result = branch(fail)
    assert (result.success, result.error) == (False, "'broken'")


class OddError(Exception):
    """An error that cannot be pickled and read again."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def odd(state: State) -> State:
    """Fail in an odd way."""
    raise OddError(1, 2)


def test_errors_that_cannot_be_sent_are_told() -> None:
    """Their kind and their text are there."""
    assert branch(odd).error == "OddError: 1 and 2"


@pytest.mark.parametrize(
    ("die", "exit_code"),
    [
        (lambda state: os._exit(3), 3),
        (lambda state: os.kill(os.getpid(), signal.SIGKILL), -9),
        (lambda state: os.kill(os.getpid(), signal.SIGTERM), -15),
    ],
    ids=["exit", "kill", "term"],
)
def test_a_process_that_dies_is_a_failed_branch(die: Callable[..., Any], exit_code: int) -> None:
    """Its result has the exit code, and nobody waits."""
    result = branch(die)
    assert (result.success, result.exit_code) == (False, exit_code)
    assert result.error is not None
    assert result.error.startswith("The process of node 'n0' ")


@pytest.mark.parametrize(
    ("node", "given", "key"),
    [
        (lambda state: {}, {"lock": threading.Lock}, None),
        (lambda state: {"new": threading.Lock()}, {}, "new"),
        (lambda state: {"new": lambda: 1}, {}, "new"),
        (lambda state: {}, {"old": lambda: 1}, "old"),
    ],
)
def test_values_that_cannot_be_sent_are_named(
    node: Callable[..., Any], given: State, key: str | None
) -> None:
    """The error says at which key, of the state or of what the node returned."""
    result = branch(node, **given)
    if key is None:
        assert result.success
    else:
        assert result.error is not None
        assert result.error.startswith(f"State key '{key}' in flow 0 is not picklable: ")


def test_a_branch_that_is_given_up_is_killed(tmp_path: Path) -> None:
    """Its process is gone, and does not do what it was about to."""
    mark = tmp_path / "pid"

    def stay(state: State) -> State:
        mark.write_text(str(os.getpid()))
        time.sleep(30)
        return {}

    graph = fork(stay)
    graph.parallel.config.timeout_seconds = 0.1
    try:
        events = list(graph.invoke({}))
    finally:
        graph.parallel.config.timeout_seconds = None
    assert events[0]["error"] == "Flow timed out after 0.1s"
    pid, until = int(mark.read_text()), time.monotonic() + 5
    with pytest.raises(ProcessLookupError):  # noqa: PT012 - until it is gone
        while time.monotonic() < until:
            os.kill(pid, 0)
            time.sleep(0.01)


def test_effects_in_processes_are_recorded(tmp_path: Path) -> None:
    """They are performed once, with their keys, by a run that goes on after a failure."""
    done = tmp_path / "done"
    stop = tmp_path / "stop"
    stop.touch()

    def pay(state: State) -> State:
        def call() -> str:
            with done.open("a") as file:
                file.write(f"{idempotency_key()}\n")
            return "paid"

        return {"paid": effect("pay", call)}

    def unlucky(state: State) -> State:
        if stop.exists():
            os._exit(1)
        return {}

    def both(state: State) -> State:
        return pay(state) | unlucky(state)

    journal = open_journal(str(tmp_path / "journal.db"))
    graph = fork(both, journal=journal)
    graph.parallel.config.fail_fast = True
    run = {"thread_id": "t"}
    assert list(graph.invoke({"x": 1}, run))[-1]["type"] == "error"
    stop.unlink()
    last = list(graph.invoke(None, run))[-1]
    assert last["type"] == "final"
    assert last["state"]["joined"][0]["paid"] == "paid"
    assert len(done.read_text().splitlines()) == 1
    assert done.read_text().rstrip().endswith("/pay")


def test_what_a_node_prints_is_not_lost() -> None:
    """The process says it all before it ends, and the parent's own output is there once."""
    program = """
from codeanatomy.workflow import ParallelConfig, StateGraph
graph = StateGraph({}, parallel_config=ParallelConfig(strategy="process"))
graph.add_node("start", lambda state: print("start"))
graph.add_fanin_node("join")
for name in ("a", "b"):
    graph.add_node(name, lambda state, node: print("x" * 500 + node))
    graph.add_parallel_edge("start", name, "join")
    graph.add_edge(name, "join")
graph.set_entry_point("start")
graph.set_finish_point("join")
list(graph.compile().invoke({}))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    found = [ended.stdout.count(text) for text in ("start", "x" * 500 + "a", "x" * 500 + "b")]
    assert found == [1, 1, 1]
