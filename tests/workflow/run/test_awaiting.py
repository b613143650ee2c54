"""Coroutine nodes, in runs that are asynchronous and in runs that are not."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar
from typing import Any

import pytest

from codeanatomy.workflow.run.awaiting import wait
from tests.workflow.run.flows import fork, line, visit

State = dict[str, Any]
variable: ContextVar[str] = ContextVar("variable", default="unset")


async def awaited(state: State, node: str) -> State:
    """Write down where the run was, after a moment."""
    await asyncio.sleep(0)
    return visit(state, node)


async def failing(state: State) -> State:
    """Fail after a moment."""
    await asyncio.sleep(0)
    raise ValueError(f"broken with {len(state)}")


FINAL = [{"type": "final", "state": {"path": ["a", "b", "c"]}, "output": None}]
STREAMED = [
    {"type": "state", "node": "a", "state": {"path": ["a"]}},
    {"type": "state", "node": "b", "state": {"path": ["a", "b"]}},
    {"type": "state", "node": "c", "state": {"path": ["a", "b", "c"]}},
    {"type": "final", "state": {"path": ["a", "b", "c"]}},
]
RUNS = {"none": {}, "some": {"b": awaited}, "all": dict.fromkeys("abc", awaited)}


async def collected(events: Any) -> list[State]:  # noqa: ANN401 - an asynchronous iterator
    """Take every event."""
    return [event async for event in events]


@pytest.mark.parametrize("which", RUNS)
def test_invoke(which: str) -> None:
    """A run without an event loop waits in one of its own."""
    assert list(line("a", "b", "c", runs=RUNS[which]).invoke({})) == FINAL


@pytest.mark.parametrize("which", RUNS)
def test_stream(which: str) -> None:
    """The events are the same."""
    assert list(line("a", "b", "c", runs=RUNS[which]).stream({})) == STREAMED


@pytest.mark.parametrize("which", RUNS)
def test_ainvoke(which: str) -> None:
    """The events are those of invoke."""
    graph = line("a", "b", "c", runs=RUNS[which])
    assert asyncio.run(collected(graph.ainvoke({}))) == FINAL


@pytest.mark.parametrize("which", RUNS)
def test_astream(which: str) -> None:
    """The events are those of stream."""
    graph = line("a", "b", "c", runs=RUNS[which])
    assert asyncio.run(collected(graph.astream({}))) == STREAMED


def test_invoke_inside_a_running_loop() -> None:
    """The coroutine runs in a loop of a thread of its own."""
    graph = line("a", "b", "c", runs=RUNS["all"])

    async def inside() -> list[State]:
        await asyncio.sleep(0)
        return list(graph.invoke({}))

    assert asyncio.run(inside()) == FINAL


@pytest.mark.parametrize("method", ["invoke", "ainvoke"])
def test_a_coroutine_that_fails(method: str) -> None:
    """It is an error of its node."""
    graph = line("a", "b", runs={"b": failing})
    events = graph.invoke({}) if method == "invoke" else asyncio.run(collected(graph.ainvoke({})))
    (event,) = events
    assert (event["node"], event["error"]) == ("b", "broken with 1")


def test_one_loop_for_all_coroutines_of_a_run() -> None:
    """What one node opens in the loop, the next can use."""
    loops: list[object] = []

    async def note(state: State) -> State:
        loops.append(asyncio.get_running_loop())
        return state

    list(line("a", "b", runs=dict.fromkeys("ab", note)).invoke({}))
    assert loops[0] is loops[1]


def test_sync_nodes_leave_the_loop_free() -> None:
    """In an asynchronous run they are called in another thread."""
    threads: list[str] = []

    def note(state: State) -> State:
        threads.append(threading.current_thread().name)
        return state

    asyncio.run(collected(line("a", runs={"a": note}).ainvoke({})))
    assert threads != [threading.main_thread().name]


@pytest.mark.parametrize("second", [False, True])
def test_context_variables_of_a_run(second: bool) -> None:  # noqa: FBT001 - a case
    """What a node sets, a later one sees; who called the run does not."""

    def first(state: State) -> State:
        variable.set("set in a node")
        return state

    async def read_later(state: State) -> State:
        await asyncio.sleep(0)
        return {**state, "seen": variable.get()}

    def read(state: State) -> State:
        return {**state, "seen": variable.get()}

    graph = line("a", "b", runs={"a": first, "b": read_later if second else read})
    (event,) = asyncio.run(collected(graph.ainvoke({})))
    assert event["state"]["seen"] == "set in a node"
    assert variable.get() == "unset"


def test_context_variables_reach_a_coroutine() -> None:
    """A coroutine in a run that is not asynchronous sees what was set around the run."""

    async def read(state: State) -> State:
        await asyncio.sleep(0)
        return {**state, "seen": variable.get()}

    token = variable.set("around")
    try:
        (event,) = line("a", runs={"a": read}).invoke({})
    finally:
        variable.reset(token)
    assert event["state"]["seen"] == "around"


@pytest.mark.parametrize("method", ["invoke", "ainvoke"])
def test_coroutines_in_branches(method: str) -> None:
    """Branches wait for their own."""
    graph = fork("p", "q", runs={"p": awaited, "q2": awaited})
    events = graph.invoke({}) if method == "invoke" else asyncio.run(collected(graph.ainvoke({})))
    *_, last = events
    assert last["state"]["paths"] == [["source", "p", "p2"], ["source", "q", "q2"]]


def test_coroutines_in_a_nested_graph() -> None:
    """The inner graph waits through the outer run."""
    graph = line("a", "in", runs={"in": line("x", runs={"x": awaited})})
    (event,) = asyncio.run(collected(graph.ainvoke({})))
    assert event["state"]["path"] == ["a", "x"]


def test_many_runs_at_once() -> None:
    """Asynchronous runs of one graph do not wait for each other."""
    barrier = asyncio.Barrier(3)

    async def meet(state: State) -> State:
        await barrier.wait()
        return state

    graph = line("a", runs={"a": meet})

    async def together() -> list[list[State]]:
        return await asyncio.gather(*(collected(graph.ainvoke({"n": n})) for n in range(3)))

    assert [events[0]["state"]["n"] for events in asyncio.run(together())] == [0, 1, 2]


def test_an_asynchronous_run_can_be_cancelled() -> None:
    """The coroutine that runs is cancelled; later nodes do not run."""
    reached: list[str] = []
    inside = asyncio.Event()

    async def forever(state: State) -> State:
        reached.append("b")
        inside.set()
        await asyncio.Event().wait()
        return state

    graph = line("a", "b", "c", runs={"b": forever, "c": lambda: reached.append("c")})

    async def cancelled() -> bool:
        task = asyncio.create_task(collected(graph.ainvoke({})))
        await inside.wait()
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(cancelled())
    assert reached == ["b"]


def test_an_awaitable_of_a_plain_function_is_awaited() -> None:
    """What counts is what a node returns."""
    graph = line("a", runs={"a": lambda state: awaited(state, "a")})
    (event,) = graph.invoke({})
    assert event["state"] == {"path": ["a"]}


def test_wait_outside_of_a_run() -> None:
    """One awaitable can be waited for anywhere."""
    assert wait(awaited({}, "x")) == {"path": ["x"]}
