"""Journaled runs through the public names: resume, effects, history, forks, replay, one runner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import the_edge_agent as tea
from the_edge_agent.serialization import decode, encode, register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

State = dict[str, Any]
THREAD = {"thread_id": "t"}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Any]:
    """Open a journal in a file."""
    with tea.open_journal(tmp_path / "journal.db") as found:
        yield found


def graph(journal: Any, *nodes: Callable[..., Any], **options: Any) -> tea.StateGraph:  # noqa: ANN401 - a journal, and what compile takes
    """Make a line of nodes."""
    raising = options.pop("raise_exceptions", False)
    made = tea.StateGraph({}, raise_exceptions=raising)
    names = [node.__name__ for node in nodes]
    for name, node in zip(names, nodes, strict=True):
        made.add_node(name, run=node)
    made.set_entry_point(names[0])
    for name, after in pairwise(names):
        made.add_edge(name, after)
    made.set_finish_point(names[-1])
    return made.compile(journal=journal, **options)


def one(state: State) -> State:
    """Add one."""
    return {"n": state["n"] + 1}


def two(state: State) -> State:
    """Add a label in place."""
    state["log"].append(f"n is {state['n']}")
    return {"done": True}


START: State = {"n": 0, "log": []}
END: State = {"n": 1, "log": ["n is 1"], "done": True}


def last(events: Iterator[State]) -> State:
    """Return the last event."""
    return list(events)[-1]


def test_a_finished_run_gives_its_final_event_again(journal: Any) -> None:  # noqa: ANN401 - a journal
    """`invoke(None)` on its thread runs nothing."""
    made = graph(journal, one, two)
    final = last(made.invoke(dict(START, log=[]), THREAD))
    assert (final["type"], final["state"]) == ("final", END)
    assert last(made.invoke(None, THREAD))["state"] == END
    assert [row.status for row in journal.runs("t")] == ["final"]


def test_a_thread_without_a_run_cannot_be_resumed(journal: Any) -> None:  # noqa: ANN401 - a journal
    """ValueError that says what would have worked."""
    with pytest.raises(ValueError, match="no run of thread 't'"):
        list(graph(journal, one, two).invoke(None, THREAD))


def test_history_time_travel_fork_and_replay(journal: Any) -> None:  # noqa: ANN401 - a journal
    """All from the journal; a fork is run by its own id, and leaves the first run alone."""
    made = graph(journal, one, two)
    list(made.invoke(dict(START, log=[]), THREAD))
    (run,) = journal.runs()
    told = [(s.step, s.node, s.changed) for s in journal.history(run.run_id)]
    assert told == [(1, "one", {"n": 1}), (2, "two", {"log": ["n is 1"], "done": True})]
    assert journal.state_at(run.run_id, 0) == START
    assert journal.state_at(run.run_id, 1) == {"n": 1, "log": []}
    fork = journal.fork(run.run_id, 1, {"n": 41})
    forked = last(made.invoke(None, {"thread_id": fork}))["state"]
    assert forked == {"n": 41, "log": ["n is 41"], "done": True}
    assert journal.state_at(run.run_id, 2) == END
    assert last(made.replay(run.run_id))["state"] == END


@pytest.mark.parametrize("raising", [False, True])
def test_a_state_that_is_no_data_is_an_error_that_names_the_key(
    journal: Any,  # noqa: ANN401 - a journal
    *,
    raising: bool,
) -> None:
    """The error event of the step, or RuntimeError where failures are raised."""

    def bad() -> State:
        return {"socket": object()}

    made = graph(journal, bad, two, raise_exceptions=raising)
    if raising:
        with pytest.raises(RuntimeError, match="Error in node 'bad': state key 'socket'"):
            list(made.invoke({}, THREAD))
        return
    event = last(made.invoke({}, THREAD))
    assert (event["type"], event["node"]) == ("error", "bad")
    assert "'socket'" in event["error"]


def test_a_failed_node_is_tried_again_where_it_failed(journal: Any) -> None:  # noqa: ANN401 - a journal
    """Steps before it are not; its recorded effects are given, with the same key."""
    calls: list[str | None] = []
    ran: list[str] = []

    def first() -> State:
        ran.append("first")
        return {}

    def flaky() -> State:
        ran.append("flaky")
        got = tea.effect("pay", lambda: calls.append(tea.idempotency_key()) or "paid")  # type: ignore[func-returns-value] # it appends
        if len(ran) == 2:
            raise ConnectionError("gone")
        return {"got": got}

    made = graph(journal, first, flaky)
    assert last(made.invoke({}, THREAD))["error"] == "gone"
    assert last(made.invoke(None, THREAD))["state"] == {"got": "paid"}
    assert ran == ["first", "flaky", "flaky"]
    (effect,) = journal.effects(journal.runs()[0].run_id)
    assert calls == [effect.key]


def test_effects_outside_of_a_journal_are_plain_calls() -> None:
    """A graph that is not journaled behaves as ever."""
    calls: list[str | None] = []

    def node() -> State:
        for _ in range(2):
            tea.effect("pay", lambda: calls.append(tea.idempotency_key()))
        return {}

    list(graph(None, node, node_two).invoke({}))
    assert calls == [None, None]


def node_two() -> State:
    """Do nothing."""
    return {}


def test_an_interrupt_is_kept_in_the_journal(journal: Any) -> None:  # noqa: ANN401 - a journal
    """Its `checkpoint_path` is an id; the same checkpoint can be answered twice."""
    made = graph(journal, one, two, interrupt_before=["two"])
    event = last(made.invoke(dict(START, log=[]), THREAD))
    assert (event["type"], event["node"], event["state"]) == (
        "interrupt",
        "two",
        {"n": 1, "log": []},
    )
    checkpoint = event["checkpoint_path"]
    answered = last(made.invoke({"n": 5}, checkpoint=checkpoint))["state"]
    again = last(made.invoke({"n": 6}, checkpoint=checkpoint))["state"]
    assert (answered["log"], again["log"]) == (["n is 5"], ["n is 6"])
    assert last(made.invoke(None, THREAD))["state"] == answered


def test_a_thread_is_run_once_at_a_time(journal: Any) -> None:  # noqa: ANN401 - a journal
    """The second gets ThreadBusyError; when the first is closed, it may."""
    made = graph(journal, one, two)
    first = made.stream(dict(START, log=[]), THREAD)
    next(first)
    with pytest.raises(RuntimeError, match="is being run by process") as caught:
        list(made.invoke(None, THREAD))
    assert getattr(caught.value, "code", None) == "thread-busy"
    first.close()
    assert last(made.invoke(None, THREAD))["state"] == END


PROGRAM = """
import os, signal, sys
import the_edge_agent as tea

def say(line):
    with open(sys.argv[2], "a") as out:
        out.write(line + "\\n")

def first(state):
    say("first")
    tea.effect("mail", lambda: say("mail"))
    return {"n": 1}

def second(state):
    say("second")
    tea.effect("post", lambda: say("post " + tea.idempotency_key().split("/", 1)[1]))
    if not os.path.exists(sys.argv[2] + ".died"):
        open(sys.argv[2] + ".died", "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"n": state["n"] + 1}

made = tea.StateGraph({})
made.add_node("first", run=first)
made.add_node("second", run=second)
made.set_entry_point("first")
made.add_edge("first", "second")
made.set_finish_point("second")
made.compile(journal=sys.argv[1])
for event in made.invoke({"n": 0}, config={"thread_id": "t"}):
    say(event["type"] + " " + str(event["state"]["n"]))
made.journal.close()
"""


def test_a_program_that_was_killed_is_started_again_and_goes_on(tmp_path: Path) -> None:
    """At the step without a result; what it had done to the world is not done again."""
    told = tmp_path / "told"
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "journal.db"), str(told)]
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    died = subprocess.run(command, check=False, env=surroundings)
    assert died.returncode == -signal.SIGKILL
    subprocess.run(command, check=True, env=surroundings)
    assert told.read_text().splitlines() == [
        "first",
        "mail",
        "second",
        "post main/2.second/post",
        "second",
        "final 2",
    ]


def test_states_are_bytes_and_back() -> None:
    """What the serialization module has."""
    assert decode(encode({"a": (1, {2}), "b": b"x"})) == {"a": (1, {2}), "b": b"x"}
    with pytest.raises(TypeError, match="'f'"):
        encode({"f": print})
    with pytest.raises(ValueError, match="no state"):
        decode(b"\xc1")
    with pytest.raises(TypeError, match="can be registered"):
        register(Path)
