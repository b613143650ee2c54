"""A replay walks the recorded path with the recorded effects, and says where it leaves it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.errors import ReplayDepartedError
from codeanatomy.workflow.graph import StateGraph
from codeanatomy.workflow.journal.effects import effect, perform
from codeanatomy.workflow.journal.rows import Departure
from tests.workflow.journal.driving import run, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codeanatomy.workflow.journal.base import Journal
    from tests.workflow.journal.driving import Step

State = dict[str, Any]


def ask(state: State) -> State:
    """Perform two effects."""
    return {"answer": perform("llm.call", lambda: f"answer to {state['q']}")}


def note(state: State) -> State:
    """Change a list in place, with an effect of its own."""
    state["log"].append(effect("stamp", lambda: len(state["log"])))
    return {}


STEPS: list[tuple[str, Step]] = [("ask", ask), ("note", note), ("ask again", ask)]
START: State = {"q": "?", "log": [1, (2,)]}


def recorded(journal: Journal) -> str:
    """Record a run."""
    return run(journal, STEPS, {"q": "?", "log": [1, (2,)]})


def replayed(journal: Journal, run_id: str, steps: Sequence[tuple[str, Step]]) -> State:
    """Walk it again."""
    log = journal.replay(run_id)
    state = walk(log.lane(), steps, log.state)
    log.finish("final", state)
    return state


def departure(journal: Journal, run_id: str, steps: Sequence[tuple[str, Step]]) -> Departure:
    """Return where a walk leaves the record."""
    with pytest.raises(ReplayDepartedError) as caught:
        replayed(journal, run_id, steps)
    found = caught.value.facts["departure"]
    assert isinstance(found, Departure)
    assert str(caught.value).startswith("the replay departs at step ")
    return found


def test_the_same_code_leads_down_the_same_path(journal: Journal) -> None:
    """No effect is called, nothing is written, and the end is the recorded one."""
    run_id = recorded(journal)
    before = (journal.runs(), journal.steps(run_id), journal.effects(run_id))

    def silent(_: State) -> State:
        return {"answer": perform("llm.call", lambda: pytest.fail("it was called"))}

    state = replayed(journal, run_id, [("ask", silent), STEPS[1], ("ask again", silent)])
    assert state == journal.state_at(run_id, 3)
    assert (journal.runs(), journal.steps(run_id), journal.effects(run_id)) == before
    log = journal.replay(run_id)
    walk(log.lane(), STEPS, log.state)
    assert log.steps == 3


def test_another_result_is_a_departure(journal: Journal) -> None:
    """With what was recorded, and what was found."""

    def other(state: State) -> State:
        return {"answer": ask(state)["answer"].upper(), "more": 1}

    found = departure(journal, recorded(journal), [("ask", other), *STEPS[1:]])
    assert (found.lane, found.step, found.what) == ("", 1, "result")
    assert found.recorded == {"answer": "answer to ?"}
    assert found.found == {"answer": "ANSWER TO ?", "more": 1}


def test_a_value_changed_in_place_is_a_departure(journal: Journal) -> None:
    """Though the node returned nothing, then as now."""

    def other(state: State) -> State:
        note(state)
        state["log"][0] = True
        return {}

    found = departure(journal, recorded(journal), [STEPS[0], ("note", other), STEPS[2]])
    assert (found.step, found.what) == (2, "result")
    assert found.found == {"log": [True, (2,), 2]}


def test_an_effect_that_was_not_performed_is_a_departure(journal: Journal) -> None:
    """It is not called; that a node catches what it hears changes nothing."""

    def more(state: State) -> State:
        with suppress(Exception):
            perform("mail.send", lambda: pytest.fail("it was called"))
        return ask(state)

    run_id = recorded(journal)
    found = departure(journal, run_id, [STEPS[0], STEPS[1], ("ask again", more)])
    assert (found.step, found.what, found.recorded) == (3, "effect", "llm.call (done)")

    def twice(state: State) -> State:
        ask(state)
        return ask(state)

    found = departure(journal, run_id, [STEPS[0], STEPS[1], ("ask again", twice)])
    assert (found.step, found.what, found.recorded) == (3, "effect", None)
    assert found.found == "2: llm.call"


@pytest.mark.parametrize(
    ("steps", "what", "step"),
    [
        ([STEPS[0], ("other", note), STEPS[2]], "next", 1),
        ([("other", ask), *STEPS[1:]], "effect", 1),
        ([("other", lambda _: {}), *STEPS[1:]], "node", 1),
        (STEPS[:2], "next", 2),
        ([*STEPS, ("more", ask)], "next", 3),
        ([], "end", 1),
    ],
)
def test_another_path_is_a_departure(
    journal: Journal, steps: list[tuple[str, Step]], what: str, step: int
) -> None:
    """Another node, another next, an end too early."""
    found = departure(journal, recorded(journal), steps)
    assert (found.what, found.step) == (what, step)


def test_what_a_person_changed_is_taken_over(journal: Journal) -> None:
    """A run that was answered is walked through with the answer."""
    with journal.begin("t", state={"n": 1}) as log:
        log.lane().record(1, "a", 1, {"n": 2}, None, "b", 0.0, 0.0)
        made = log.interrupt("b", "before", {"n": 2}, {"state": {"n": 2}})
    with journal.resume_checkpoint(made) as log:
        log.lane().amend({"n": 10}, "b")
        log.lane().record(2, "b", 1, {"n": 20}, None, "__end__", 0.0, 0.0)
        log.finish("final", {"n": 20})
    steps: list[tuple[str, Step]] = [
        ("a", lambda state: {"n": state["n"] + 1}),
        ("b", lambda state: {"n": state["n"] * 2}),
    ]
    assert replayed(journal, log.run_id, steps) == {"n": 20}


def test_a_run_that_died_is_replayed_as_far_as_it_came(journal: Journal) -> None:
    """What comes after its last step is a departure named end."""
    run_id = run(journal, STEPS, {"q": "?", "log": [1, (2,)]}, die_in=3)
    found = departure(journal, run_id, STEPS)
    assert (found.step, found.what, found.found) == (3, "effect", "1: llm.call")


def graph(journal: Journal, suffix: str = "") -> StateGraph:
    """Two branches and a join, each with an effect."""
    made = StateGraph({}, raise_exceptions=True)

    def node(name: str) -> Step:
        return lambda state: {name: perform(name, lambda: name) + suffix, "n": len(state)}

    for name in ("split", "a", "b"):
        made.add_node(name, run=node(name))
    made.add_fanin_node(
        "join",
        run=lambda parallel_results: {
            "all": [{k: v for k, v in r.state.items() if k in "ab"} for r in parallel_results]
        },
    )
    made.set_entry_point("split")
    for name in ("a", "b"):
        made.add_parallel_edge("split", name, "join")
        made.add_edge(name, "join")
    made.set_finish_point("join")
    return made.compile(journal=journal)


def test_a_graph_is_replayed_with_its_branches(journal: Journal) -> None:
    """Lines of branches are compared like the main one; how long they took is not."""
    list(graph(journal).invoke({}, config={"thread_id": "t"}))
    (row,) = journal.runs()
    events = list(graph(journal).replay(row.run_id))
    assert events[-1]["type"] == "final"
    assert events[-1]["state"]["all"] == [{"a": "a"}, {"b": "b"}]
    with pytest.raises(ReplayDepartedError) as caught:
        list(graph(journal, "!").replay(row.run_id))
    found = caught.value.facts["departure"]
    assert isinstance(found, Departure)
    assert (found.step, found.what, found.recorded) == (1, "result", {"split": "split", "n": 0})
