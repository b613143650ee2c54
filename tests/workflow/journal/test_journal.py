"""Every journal records runs, lets them go on where they stopped, and tells what they did."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.errors import UnknownRunError, UnstorableError
from codeanatomy.workflow.journal.open import open_journal
from tests.workflow.journal.driving import go_on, run, standing, taken_up

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.workflow.journal.base import Journal
    from tests.workflow.journal.driving import Step

State = dict[str, Any]


def add(state: State) -> State:
    """Count."""
    return {"n": state["n"] + 1}


def note(state: State) -> None:
    """Change a list in place, and return nothing."""
    state["log"].append({"at": state["n"], "tags": {"a", "b"}})


def drop(state: State) -> None:
    """Take a key away."""
    state.pop("extra", None)


STEPS: list[tuple[str, Step]] = [("add", add), ("note", note), ("drop", drop), ("add2", add)]
START: State = {"n": 0, "log": [], "extra": "x" * 100, "fixed": (1, 2)}


def test_a_run_is_told_step_by_step(journal: Journal) -> None:
    """A row a step: what changed, what went, which node came next, when."""
    run_id = run(journal, STEPS, deepcopy(START))
    (told,) = journal.runs()
    assert [told] == journal.runs("t") == [journal.run(run_id)]
    assert (told.run_id, told.thread_id, told.graph) == (run_id, "t", "g")
    assert (told.status, told.steps, told.resumed) == ("final", 4, 0)
    steps = journal.steps(run_id)
    assert [(s.step, s.node, s.next_node, s.attempt, s.kind) for s in steps] == [
        (1, "add", "note", 1, "step"),
        (2, "note", "drop", 1, "step"),
        (3, "drop", "add2", 1, "step"),
        (4, "add2", "__end__", 1, "step"),
    ]
    assert [s.changed for s in steps] == [
        {"n": 1},
        {"log": [{"at": 1, "tags": {"a", "b"}}]},
        {},
        {"n": 2},
    ]
    assert [s.gone for s in steps] == [[], [], ["extra"], []]
    assert [(s.started, s.seconds) for s in steps] == [(float(n), 0.5) for n in (1, 2, 3, 4)]
    assert len({s.inputs for s in steps}) == 4


def test_the_state_at_every_step_is_what_it_was(journal: Journal) -> None:
    """Step 0 is the input; types are as they were."""
    run_id = run(journal, STEPS, deepcopy(START))
    expected, seen = deepcopy(START), []
    for _, step in STEPS:
        seen.append(deepcopy(expected))
        expected.update(step(expected) or {})
    seen.append(expected)
    assert [journal.state_at(run_id, step) for step in range(5)] == seen
    with pytest.raises(UnknownRunError, match="has no step 5; the last of its line is 4"):
        journal.state_at(run_id, 5)


@pytest.mark.parametrize("died", [1, 2, 3, 4])
def test_a_run_that_died_goes_on_at_the_step_without_a_result(journal: Journal, died: int) -> None:
    """Steps that are recorded are not taken again; the attempt that was lost shows."""
    run_id = run(journal, STEPS, deepcopy(START), die_in=died)
    assert journal.run(run_id).status == "running"
    taken: list[str] = []
    steps = [(name, _told(taken, name, step)) for name, step in STEPS]
    state = go_on(journal, steps)
    assert taken == [name for name, _ in STEPS[died - 1 :]]
    assert state == journal.state_at(run_id, 4)
    assert (state["n"], len(state["log"]), "extra" in state) == (2, 1, False)
    told = [(s.step, s.attempt, s.kind) for s in journal.steps(run_id, "") if s.step == died]
    assert told == [(died, 1, "lost"), (died, 2, "step")]
    assert (journal.run(run_id).status, journal.run(run_id).resumed) == ("final", 1)


def test_the_same_input_takes_up_a_crashed_run(journal: Journal) -> None:
    """A program that is started again goes on; another input begins anew."""
    first = run(journal, STEPS, deepcopy(START), die_in=3)
    assert run(journal, STEPS, deepcopy(START)) == first
    second = run(journal, STEPS, deepcopy(START), die_in=2)
    third = run(journal, STEPS, {**deepcopy(START), "n": 5})
    assert len({first, second, third}) == 3
    assert [row.status for row in journal.runs("t")] == ["final", "abandoned", "final"]


def test_a_thread_without_a_run_has_nothing_to_resume(journal: Journal) -> None:
    """None, not an error: whoever asks knows what to say."""
    assert journal.resume("nobody") is None


def test_a_finished_run_tells_its_end_again(journal: Journal) -> None:
    """The state and the output of its final event."""
    with journal.begin("t", state={"n": 1}) as log:
        log.lane().record(1, "a", 1, {"n": 2}, None, "__end__", 0.0, 0.0)
        log.finish("final", {"n": 2, "shaped": True}, output={"answer": (1, 2)})
    ended = journal.resume("t")
    assert ended is not None
    assert ended.ended == {
        "run_id": log.run_id,
        "status": "final",
        "state": {"n": 2, "shaped": True},
        "output": {"answer": (1, 2)},
        "node": None,
        "error": None,
    }


def test_a_failed_attempt_is_a_row_and_is_taken_again(journal: Journal) -> None:
    """The state is as it was before; the next attempt counts on."""
    with journal.begin("t", state={"n": 1}) as log:
        lane = log.lane()
        lane.record(1, "a", 1, {"n": 2}, None, "b", 0.0, 0.0)
        lane.record(2, "b", 1, {"n": 99}, {}, None, 0.0, 0.0, error="no luck")
        log.finish("error", {"n": 2}, node="b", error="no luck")
    told = journal.run(log.run_id)
    assert (told.status, told.node, told.error) == ("error", "b", "no luck")
    with taken_up(journal) as again:
        position = standing(again)
        assert (position.ordinal, position.node, position.attempt) == (2, "b", 2)
        assert (position.state, position.last) == ({"n": 2}, "a")


def test_where_the_way_on_is_not_chosen_it_is_chosen_again(journal: Journal) -> None:
    """After a step without a next node, the position has only the last."""
    with journal.begin("t", state={"n": 1}) as log:
        log.lane().record(1, "a", 1, {"n": 2}, None, None, 0.0, 0.0)
    with taken_up(journal) as again:
        position = standing(again)
        assert (position.ordinal, position.node, position.last) == (2, None, "a")


def test_branches_go_on_from_their_own_steps(journal: Journal) -> None:
    """Each line has its rows; a branch stores only what differs from the line it left."""
    with journal.begin("t", state={"n": 0, "wide": "w" * 10_000}) as log:
        main = log.lane()
        state: State = {"n": 1, "wide": "w" * 10_000}
        main.record(1, "split", 1, state, None, None, 1.0, 0.0)
        one = log.lane("1.a", deepcopy(state), main)
        assert one.position is None
        one.record(1, "x", 1, {**state, "x": 1}, None, "y", 2.0, 0.0)
        two = log.lane("1.b", {**state, "item": "i"}, main)
        two.record(1, "x", 1, {**state, "item": "i", "x": 2}, None, "join", 3.0, 0.0)
    run_id = log.run_id
    assert journal.state_at(run_id, 1, "1.a") == {**state, "x": 1}
    assert journal.state_at(run_id, 1, "1.b") == {**state, "x": 2, "item": "i"}
    with taken_up(journal) as again:
        main = again.lane()
        first, second = standing(again, "1.a"), standing(again, "1.b")
        assert (first.node, first.state) == ("y", {**state, "x": 1})
        assert (second.node, second.ordinal) == ("join", 2)
        assert again.lane("1.c", deepcopy(state), main).position is None
    assert [s.lane for s in journal.steps(run_id) if s.kind == "step"] == ["", "1.a", "1.b"]


def test_a_branch_of_a_branch_finds_its_way_back(journal: Journal) -> None:
    """Three lines deep, the first state of each is that of the line above."""
    state: State = {"n": 0, "l": [1]}
    with journal.begin("t", state=state) as log:
        parent = log.lane()
        for depth, path in enumerate(("1.a", "1.a/1.b", "1.a/1.b/1.c"), start=1):
            state = {**state, "n": depth, "l": [*state["l"], depth]}
            parent.record(1, "split", 1, state, None, None, 0.0, 0.0)
            parent = log.lane(path, deepcopy(state), parent)
        parent.record(1, "leaf", 1, {**state, "leaf": True}, None, "join", 0.0, 0.0)
    assert journal.state_at(log.run_id, 0, "1.a/1.b/1.c") == state
    assert journal.state_at(log.run_id, 1, "1.a/1.b/1.c") == {**state, "leaf": True}
    assert journal.state_at(log.run_id, 1, "1.a") == {"n": 2, "l": [1, 1, 2]}


def test_a_branch_tried_again_in_the_process_writes_the_same_numbers(journal: Journal) -> None:
    """Ordinals begin at 1 again, attempts count on, and the last row is where it stands."""
    with journal.begin("t", state={"n": 0}) as log:
        main = log.lane()
        main.record(1, "split", 1, {"n": 0}, None, None, 0.0, 0.0)
        lane = log.lane("1.a", {"n": 0}, main)
        lane.record(1, "x", 1, {"n": 1}, None, "y", 0.0, 0.0)
        lane.record(2, "y", 1, {"n": 1}, None, None, 0.0, 0.0, error="broken")
        lane = log.lane("1.a", {"n": 0}, main)
        lane.record(1, "x", 2, {"n": 5}, None, "y", 0.0, 0.0)
    told = journal.steps(log.run_id, "1.a")
    assert [(s.step, s.attempt, s.kind) for s in told] == [
        (1, 1, "step"),
        (2, 1, "failed"),
        (1, 2, "step"),
    ]
    assert journal.state_at(log.run_id, 1, "1.a") == {"n": 5}


def test_an_interrupt_is_kept_and_the_run_goes_on_from_it(journal: Journal) -> None:
    """The checkpoint has what any checkpoint has, and the place that the loop gave."""
    place = {"node": "b", "left": False, "taken": 1, "state": {"n": 2}}
    with journal.begin("t", state={"n": 1}, config={"thread_id": "t", "k": 1}) as log:
        log.lane().record(1, "a", 1, {"n": 2}, None, "b", 0.0, 0.0)
        made = log.interrupt("b", "before", {"n": 2}, place)
    assert journal.run(log.run_id).status == "interrupted"
    kept = journal.checkpoint(made)
    assert (kept["state"], kept["node"], kept["when"]) == ({"n": 2}, "b", "before")
    assert (kept["config"], kept["version"]) == ({"thread_id": "t", "k": 1}, "1.0")
    assert kept["place"] == place
    with journal.resume_checkpoint(made) as again:
        assert (again.run_id, again.config["k"]) == (log.run_id, 1)
        assert again.pause is not None
        assert again.pause["place"]["node"] == "b"
        lane = again.lane()
        lane.amend({"n": 7}, "b")
        lane.record(2, "b", 1, {"n": 8}, None, "__end__", 0.0, 0.0)
        again.finish("final", {"n": 8})
    told = [(s.step, s.kind, s.changed) for s in journal.steps(log.run_id, "")]
    assert told == [(1, "step", {"n": 2}), (0, "update", {"n": 7}), (2, "step", {"n": 8})]


def test_a_checkpoint_that_was_passed_is_gone_on_from_in_a_fork(journal: Journal) -> None:
    """What is stored stays as it is: the second answer makes a run of its own."""
    with journal.begin("t", state={"n": 1}) as log:
        log.lane().record(1, "a", 1, {"n": 2}, None, "b", 0.0, 0.0)
        made = log.interrupt("b", "before", {"n": 2}, {"state": {"n": 2}})
    ids = []
    for answer in (10, 20):
        with journal.resume_checkpoint(made) as again:
            ids.append(again.run_id)
            assert again.pause is not None
            assert again.pause["state"] == {"n": 2}
            again.lane().record(2, "b", 1, {"n": answer}, None, "__end__", 0.0, 0.0)
            again.finish("final", {"n": answer})
    assert ids[0] == log.run_id != ids[1]
    assert [journal.state_at(run_id, 2)["n"] for run_id in ids] == [10, 20]
    assert journal.run(ids[1]).parent == log.run_id


def test_an_answer_survives_a_crash_after_it(journal: Journal) -> None:
    """The person is not asked again: the run goes on past the interrupt, with their changes."""
    with journal.begin("t", state={"n": 1}) as log:
        log.lane().record(1, "a", 1, {"n": 2}, None, "b", 0.0, 0.0)
        made = log.interrupt("b", "before", {"n": 2}, {"node": "b", "state": {"n": 2}})
    with journal.resume_checkpoint(made) as again:
        again.lane().amend({"n": 7}, "b")
    with taken_up(journal) as third:
        assert third.pause is not None
        assert third.pause["place"] == {"node": "b", "state": {"n": 7}}
        assert standing(third).state == {"n": 7}
        third.lane().record(2, "b", 2, {"n": 8}, None, "c", 0.0, 0.0)
    with taken_up(journal) as fourth:
        assert fourth.pause is None


def test_a_fork_goes_its_own_way(journal: Journal) -> None:
    """From a step, with changed state; its numbers count on, and the other is untouched."""
    run_id = run(journal, STEPS, deepcopy(START))
    fork = journal.fork(run_id, 2, {"n": 40, "new": [1]})
    told = journal.run(fork)
    assert (told.parent, told.parent_step, told.thread_id) == (run_id, 2, fork)
    state = go_on(journal, STEPS, fork)
    assert (state["n"], state["new"], "extra" in state) == (41, [1], False)
    assert [s.step for s in journal.steps(fork, "") if s.kind == "step"] == [2, 3, 4]
    assert journal.state_at(run_id, 4)["n"] == 2
    assert journal.run(fork).status == "final"


def test_a_fork_from_the_input_and_into_a_thread(journal: Journal) -> None:
    """Step 0 is before the first step; the fork is the last run of the thread it is put in."""
    run_id = run(journal, STEPS, deepcopy(START))
    fork = journal.fork(run_id, 0, {"n": 10}, thread_id="t")
    assert go_on(journal, STEPS, "t")["n"] == 12
    assert [row.run_id for row in journal.runs("t")] == [run_id, fork]
    again = journal.resume(run_id=fork)
    assert again is not None
    assert again.ended is not None


@pytest.mark.parametrize("ask", ["run", "steps", "effects", "fork", "replay", "checkpoint"])
def test_a_run_that_is_not_there_is_named(journal: Journal, ask: str) -> None:
    """KeyError with the id."""
    arguments = ("nothing", 1) if ask == "fork" else ("nothing",)
    with pytest.raises(KeyError, match=r"has no (run|checkpoint) 'nothing'"):
        getattr(journal, ask)(*arguments)


def test_long_runs_are_cheap_to_look_into(journal: Journal) -> None:
    """Keyframes: the state at any of many steps, with few rows read."""
    with journal.begin("t", state={"n": 0, "wide": ["w"] * 50}) as log:
        lane = log.lane()
        state: State = {"n": 0, "wide": ["w"] * 50}
        for number in range(1, 601):
            state["n"] = number
            state["wide"][number % 50] = f"w{number}"
            lane.record(number, "a", 1, state, None, "a", 0.0, 0.0)
        log.finish("final", state)
    assert journal.state_at(log.run_id, 600) == state
    found = journal.state_at(log.run_id, 333)
    assert (found["n"], found["wide"][33], found["wide"][34]) == (333, "w333", "w284")


def test_what_is_no_data_is_named_and_not_written(journal: Journal) -> None:
    """In the input, in the config, in a step."""
    with pytest.raises(UnstorableError, match="'fn'"):
        journal.begin("t", state={"fn": print})
    with pytest.raises(UnstorableError, match="'sink'"):
        journal.begin("t", state={}, config={"sink": print})
    assert journal.runs() == []
    with journal.begin("t", state={}) as log:
        lane, state = log.lane(), {"x": object()}
        with pytest.raises(UnstorableError, match="'x'"):
            lane.record(1, "a", 1, state, None, "b", 0.0, 0.0)
        assert journal.steps(log.run_id) == []
        lane.record(1, "a", 1, state, None, None, 0.0, 0.0, error="state key 'x'")
        log.finish("error", state, node="a", error="state key 'x'")
    assert [(s.kind, s.error) for s in journal.steps(log.run_id)] == [("failed", "state key 'x'")]


def test_times_are_those_of_the_clock(uri: str) -> None:
    """A run begins and ends when the clock says."""
    times = iter(range(100, 200))
    with open_journal(uri, clock=lambda: float(next(times))) as journal:
        run_id = run(journal, STEPS, deepcopy(START))
        told = journal.run(run_id)
        assert 100 <= told.began < (told.ended or 0) < 200
        assert told.began < time.time()


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        ("sqlite://", "names no file"),
        ("", "names no file"),
        ("sqlite:///x.db?synchronous=sometimes", "use one of off, normal, full, extra"),
        ("sqlite:///x.db?mode=ro", "option that a journal does not: mode"),
        ("mysql://x", "mysql is no journal"),
        ("ftp://x", "ftp is no journal"),
        ("mysql+pymysql://x", r"mysql\+pymysql is no journal"),
    ],
)
def test_a_uri_that_names_no_journal(
    uri: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what would have worked."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError, match=text):
        open_journal(uri)
    assert list(tmp_path.iterdir()) == []


def test_an_open_journal_is_opened_as_it_is(journal: Journal) -> None:
    """So that one can be given wherever a URI can."""
    assert open_journal(journal) is journal


def _told(taken: list[str], name: str, step: Step) -> Step:
    def tell(state: State) -> State | None:
        taken.append(name)
        return step(state)

    return tell


def test_branches_that_begin_at_once_get_a_number_each(journal: Journal) -> None:
    """Many threads write the first row of their line at the same moment."""
    with journal.begin("t", state={"n": 0}) as log:
        main = log.lane()
        main.record(1, "split", 1, {"n": 0}, None, None, 0.0, 0.0)
        gate = threading.Barrier(6)

        def branch(name: str) -> None:
            lane = log.lane(f"1.{name}", {"n": 0}, main)
            gate.wait()
            lane.record(1, name, 1, {"n": name}, None, "join", 0.0, 0.0)

        with ThreadPoolExecutor(6) as workers:
            list(workers.map(branch, "abcdef"))
        log.finish("final", {"n": 0})
    assert [journal.state_at(log.run_id, 1, f"1.{name}")["n"] for name in "abcdef"] == [*"abcdef"]
