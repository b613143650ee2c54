"""Runs on a journal: what is done is not done again, whenever the process ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.errors import NothingToResumeError, ThreadBusyError
from codeanatomy.workflow.journal.effects import effect
from codeanatomy.workflow.journal.open import open_journal
from tests.workflow.run.flows import Killed, fork, line, visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codeanatomy.workflow import StateGraph
    from codeanatomy.workflow.journal.base import Journal

State = dict[str, Any]
THREAD = {"thread_id": "t"}


@pytest.fixture
def journal() -> Iterator[Journal]:
    """Open a journal in memory."""
    with open_journal("memory:") as opened:
        yield opened


def killed_at(graph: StateGraph, moment: str, given: State) -> bool:
    """Run until the first such moment, where the process ends; say whether it came."""
    dead = False

    def observe(heard: str) -> None:
        nonlocal dead
        dead = dead or heard == moment
        if dead:  # every thread ends
            raise Killed

    graph.observer = observe
    try:
        list(graph.invoke(given, THREAD))
    except Killed:
        return dead
    finally:
        graph.observer = None
    return False


LINE_MOMENTS = [
    f"{moment}:{node}"
    for node in ("a", "b", "c")
    for moment in ("before:call", "after:call", "before:record", "after:record")
]


@pytest.mark.parametrize("moment", [*LINE_MOMENTS, "before:end", "after:end"])
def test_a_killed_line_goes_on(journal: Journal, moment: str) -> None:
    """The state is as if nothing had happened, and a recorded step is not run again."""
    calls: list[str] = []

    def counted(state: State, node: str) -> State:
        calls.append(node)
        return visit(state, node)

    graph = line("a", "b", "c", runs=dict.fromkeys("abc", counted), journal=journal)
    assert killed_at(graph, moment, {"n": 1})
    *_, last = graph.invoke(None, THREAD)
    assert last == {"type": "final", "state": {"n": 1, "path": ["a", "b", "c"]}}
    again = (
        [moment.rsplit(":", 1)[-1]] if moment.startswith(("after:call", "before:record")) else []
    )
    assert sorted(calls) == sorted([*"abc", *again])


@pytest.mark.parametrize("moment", ["after:record:a", "before:call:b", "before:end"])
def test_the_same_input_goes_on_by_itself(journal: Journal, moment: str) -> None:
    """A program that is started again need not know that it was killed."""
    graph = line("a", "b", journal=journal)
    assert killed_at(graph, moment, {})
    (last,) = graph.invoke({}, THREAD)
    assert last["state"] == {"path": ["a", "b"]}
    assert [r.status for r in journal.runs("t")] == ["final"]


def test_another_input_is_another_run(journal: Journal) -> None:
    """The run that crashed is kept, and said to be abandoned."""
    graph = line("a", "b", journal=journal)
    assert killed_at(graph, "before:call:b", {"n": 1})
    (last,) = graph.invoke({"n": 2}, THREAD)
    assert last["state"] == {"n": 2, "path": ["a", "b"]}
    assert sorted(r.status for r in journal.runs("t")) == ["abandoned", "final"]


FORK_MOMENTS = [
    "after:record:source",
    "before:split:source",
    *(
        f"{moment}:{node}"
        for node in ("p", "p2", "q", "q2")
        for moment in ("before:call", "after:call", "before:record", "after:record")
    ),
    "after:join:meet",
    "before:call:meet",
    "after:record:meet",
]


@pytest.mark.parametrize("moment", FORK_MOMENTS)
def test_a_killed_fan_out_goes_on(journal: Journal, moment: str) -> None:
    """Branches go on from their own steps; effects happen once."""
    effects: list[str] = []

    def once(state: State, node: str) -> State:
        effect("visit", lambda: effects.append(node))
        return visit(state, node)

    nodes = ("source", "p", "p2", "q", "q2")
    graph = fork("p", "q", runs=dict.fromkeys(nodes, once), journal=journal)
    assert killed_at(graph, moment, {})
    *_, last = graph.invoke(None, THREAD)
    assert last["state"]["paths"] == [["source", "p", "p2"], ["source", "q", "q2"]]
    assert sorted(effects) == sorted(nodes)


def test_a_finished_run_tells_its_end_again(journal: Journal) -> None:
    """Nothing is run."""
    graph = line("a", journal=journal)
    list(graph.invoke({}, THREAD))
    assert list(graph.invoke(None, THREAD)) == [{"type": "final", "state": {"path": ["a"]}}]


def test_a_failed_run_is_tried_again(journal: Journal) -> None:
    """It goes on at the step that failed, as its second attempt."""
    broken = True

    def fragile(state: State, node: str) -> State:
        if broken:
            raise ValueError("broken")
        return visit(state, node)

    graph = line("a", "b", runs={"b": fragile}, journal=journal)
    (error,) = graph.invoke({}, THREAD)
    assert (error["type"], error["node"], error["error"]) == ("error", "b", "broken")
    broken = False
    (last,) = graph.invoke(None, THREAD)
    assert last["state"] == {"path": ["a", "b"]}
    run = journal.runs("t")[0]
    told = [(s.node, s.attempt, s.kind) for s in journal.steps(run.run_id)]
    assert told == [("a", 1, "step"), ("b", 1, "failed"), ("b", 2, "step")]


def test_no_run_of_a_thread(journal: Journal) -> None:
    """There is nothing to go on with."""
    with pytest.raises(NothingToResumeError, match="no run of thread 't'"):
        list(line("a", journal=journal).invoke(None, THREAD))


def test_a_thread_is_run_once_at_a_time(journal: Journal) -> None:
    """The second run of a thread is refused while the first is not at its end."""
    graph = line("a", "b", journal=journal)
    running = graph.stream({}, THREAD)
    next(running)
    with pytest.raises(ThreadBusyError):
        list(graph.invoke({}, THREAD))
    running.close()
    (last,) = graph.invoke(None, THREAD)
    assert last["state"] == {"path": ["a", "b"]}


def test_a_run_without_a_thread_gets_one(journal: Journal) -> None:
    """Each is a thread of its own."""
    graph = line("a", journal=journal)
    list(graph.invoke({}))
    list(graph.invoke({}))
    assert len({r.thread_id for r in journal.runs()}) == 2


@pytest.mark.parametrize("options", [{"interrupt_before": ["b"]}, {"interrupt_after": ["b"]}])
def test_an_interrupt_is_in_the_journal(journal: Journal, options: State) -> None:
    """The run goes on from the checkpoint, with changes."""
    graph = line("a", "b", "c", journal=journal, **options)
    (event,) = graph.invoke({}, THREAD)
    assert (event["type"], event["node"]) == ("interrupt", "b")
    (last,) = graph.invoke({"yes": True}, checkpoint=event["checkpoint_path"])
    assert last["state"] == {"yes": True, "path": ["a", "b", "c"]}
    assert [r.status for r in journal.runs("t")] == ["final"]


def test_an_interrupted_thread_goes_on_without_its_checkpoint(journal: Journal) -> None:
    """The thread is enough."""
    graph = line("a", "b", journal=journal, interrupt_before=["b"])
    list(graph.invoke({}, THREAD))
    (last,) = graph.invoke(None, THREAD)
    assert last["state"] == {"path": ["a", "b"]}


def test_interrupts_in_branches_are_in_the_journal(journal: Journal) -> None:
    """Each branch is answered on its own."""
    graph = fork("p", "q", journal=journal, interrupt_before=["p2", "q2"])
    *_, event = graph.invoke({}, THREAD)
    asked = []
    while event["type"] == "interrupt":
        asked.append(event["node"])
        *_, event = graph.invoke({"by": event["node"]}, checkpoint=event["checkpoint_path"])
    assert asked == ["p2", "q2"]
    assert event["state"]["paths"] == [["source", "p", "p2"], ["source", "q", "q2"]]


def test_a_nested_graph_is_recorded(journal: Journal) -> None:
    """A kill inside it goes on inside it."""
    calls: list[str] = []

    def counted(state: State, node: str) -> State:
        calls.append(node)
        return visit(state, node)

    inner = line("x", "y", runs=dict.fromkeys("xy", counted))
    graph = line("a", "in", "b", runs={"in": inner}, journal=journal)

    def fall(heard: str) -> None:
        if heard == "before:call:y":
            raise Killed

    inner.observer = fall
    with pytest.raises(Killed):
        list(graph.invoke({}, THREAD))
    inner.observer = None
    (last,) = graph.invoke(None, THREAD)
    assert last["state"] == {"path": ["a", "x", "y", "b"]}
    assert calls == ["x", "y"]


def test_a_recorded_run_can_be_replayed(journal: Journal) -> None:
    """Its effects are given, not called."""
    happened: list[str] = []

    def once(state: State, node: str) -> State:
        def ask() -> int:
            happened.append(node)
            return len(happened)

        return {**visit(state, node), "answer": effect("ask", ask)}

    graph = line("a", "b", runs=dict.fromkeys("ab", once), journal=journal)
    (told,) = graph.invoke({}, THREAD)
    (again,) = graph.replay(journal.runs("t")[0].run_id)
    assert again["state"] == told["state"] == {"path": ["a", "b"], "answer": 2}
    assert happened == ["a", "b"]


def test_a_fork_goes_on_with_another_state(journal: Journal) -> None:
    """The run it comes from stays as it is."""
    graph = line("a", "b", journal=journal)
    list(graph.invoke({}, THREAD))
    made = journal.fork(journal.runs("t")[0].run_id, 1, {"path": ["other"]})
    (last,) = graph.invoke(None, {"thread_id": made})
    assert last["state"] == {"path": ["other", "b"]}
    assert journal.state_at(journal.runs("t")[0].run_id, 2) == {"path": ["a", "b"]}


@pytest.mark.parametrize("moment", ["before:call:other", "after:record:other", "before:call:meet"])
def test_results_that_wait_survive(journal: Journal, moment: str) -> None:
    """A line that goes another way to the fan-in node finds them there after a kill."""
    graph = fork("p", "q")
    graph.add_node("other", visit)
    graph.add_edge("source", "other")
    graph.add_edge("other", "meet")
    graph.compile(journal=journal)
    assert killed_at(graph, moment, {})
    *_, last = graph.invoke(None, THREAD)
    assert last["state"] == {
        "path": ["source", "other"],
        "paths": [["source", "p", "p2"], ["source", "q", "q2"]],
        "parallel_results": None,
    }


def test_a_thread_is_free_when_its_end_is_told(journal: Journal) -> None:
    """Whoever hears of the end may run the thread again at once."""
    graph = line("a", journal=journal)
    ends = [e["type"] for _ in graph.invoke({}, THREAD) for e in graph.invoke({"n": 1}, THREAD)]
    assert ends == ["final"]


@pytest.mark.parametrize("key", ["f", "path"])
def test_what_cannot_be_stored_is_an_error_that_names_the_key(journal: Journal, key: str) -> None:
    """It belongs to the node that made it; nothing is stored as something else."""
    graph = line("a", "b", runs={"b": lambda: {key: lambda: None}}, journal=journal)
    (event,) = graph.invoke({}, THREAD)
    assert (event["type"], event["node"]) == ("error", "b")
    assert f"state key '{key}'" in event["error"]
    assert [r.status for r in journal.runs("t")] == ["error"]


def test_what_cannot_be_stored_in_a_branch(journal: Journal) -> None:
    """The branch is lost, the others are joined."""
    graph = fork(
        "p", "q", runs={"p": lambda: {"f": lambda: None}, "meet": lambda: None}, journal=journal
    )
    first, *_, last = graph.invoke({}, THREAD)
    assert (first["type"], first["node"]) == ("error", "p")
    assert "state key 'f'" in first["error"]
    assert [r.success for r in last["state"]["parallel_results"]] == [False, True]


def test_an_asynchronous_run_on_a_file(tmp_path: Path) -> None:
    """Its steps are written from whatever thread they run in; an interrupt goes on."""

    async def wait(state: State, node: str) -> State:
        await asyncio.sleep(0)
        return visit(state, node)

    async def collected(*given: Any, **options: Any) -> list[State]:  # noqa: ANN401 - of ainvoke
        return [event async for event in graph.ainvoke(*given, **options)]

    with open_journal(str(tmp_path / "j.db")) as opened:
        graph = fork("p", "q", runs={"p": wait}, journal=opened, interrupt_before=["p2"])
        *_, event = asyncio.run(collected({}, THREAD))
        assert event["node"] == "p2"
        *_, last = asyncio.run(collected(None, checkpoint=event["checkpoint_path"]))
    assert last["state"]["paths"] == [["source", "p", "p2"], ["source", "q", "q2"]]
