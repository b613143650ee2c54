"""A recorded effect is never repeated; one that was not is called again, by the same key."""

from __future__ import annotations

import asyncio
import threading
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.errors import EffectMismatchError, UnstorableError
from codeanatomy.workflow.journal.effects import current_step, effect, idempotency_key, perform
from tests.workflow.journal.driving import Stopped, go_on, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.journal.base import Journal

State = dict[str, Any]


class World:
    """What effects change, and the keys that they came with."""

    def __init__(self) -> None:
        """Begin untouched."""
        self.calls: list[tuple[str, str | None]] = []
        self.fail_at: int | None = None

    def call(self, what: str) -> Callable[[], State]:
        """Return a call that is counted."""

        def made() -> State:
            self.calls.append((what, idempotency_key()))
            if self.fail_at == len(self.calls):
                raise Stopped
            return {"what": what, "number": len(self.calls)}

        return made

    def said(self) -> list[str]:
        """Name the calls in their order."""
        return [what for what, _ in self.calls]


def test_outside_of_a_run_effects_are_plain_calls() -> None:
    """No journal, no key, no memory."""
    world = World()
    assert effect("a", world.call("a"))["number"] == 1
    assert effect("a", world.call("a"))["number"] == 2
    assert perform("b", world.call("b"))["number"] == 3
    assert [key for _, key in world.calls] == [None] * 3
    assert idempotency_key() is None


def test_every_effect_has_a_row_and_a_key(journal: Journal) -> None:
    """The key is run, line, step and place; the world hears it; the result is kept."""
    world = World()

    def node(_: State) -> State:
        perform("http.post", world.call("first"))
        effect("charge", world.call("second"))
        return {"got": perform("http.post", world.call("third"))}

    run_id = run(journal, [("pay now", node)], {})
    effects = journal.effects(run_id)
    assert sorted((e.name, e.key) for e in effects) == [
        ("charge", f"{run_id}/main/1.pay%20now/charge"),
        ("http.post", f"{run_id}/main/1.pay%20now/1"),
        ("http.post", f"{run_id}/main/1.pay%20now/2"),
    ]
    assert {key for _, key in world.calls} == {e.key for e in effects}
    assert {(e.step, e.node, e.lane, e.attempt, e.status) for e in effects} == {
        (1, "pay now", "", 1, "done")
    }
    assert journal.state_at(run_id, 1) == {"got": {"what": "third", "number": 3}}


@pytest.mark.parametrize("died", [1, 2, 3])
def test_recorded_effects_are_given_again(journal: Journal, died: int) -> None:
    """The one that died is called again with its key; those before it are not."""
    world = World()
    world.fail_at = died

    def node(_: State) -> State:
        one = perform("a", world.call("a"))
        two = effect("b", world.call("b"))
        three = perform("c", world.call("c"))
        return {"got": [one["what"], two["what"], three["what"]]}

    run_id = run(journal, [("n", node)], {})
    assert journal.run(run_id).status == "running"
    world.fail_at = None
    assert go_on(journal, [("n", node)]) == {"got": ["a", "b", "c"]}
    expected = ["a", "b", "c"]
    assert world.said() == [*expected[:died], *expected[died - 1 :]]
    assert len({key for _, key in world.calls}) == 3
    told = {e.name: (e.status, e.attempt) for e in journal.effects(run_id)}
    assert told == {n: ("done", 2 if n == expected[died - 1] else 1) for n in expected}


def test_a_failed_effect_is_a_row_and_is_called_again(journal: Journal) -> None:
    """What went wrong is told; it is not taken for a result."""

    def broken() -> None:
        raise OSError("no route")

    def node(_: State) -> State:
        with pytest.raises(OSError, match="no route"):
            effect("send", broken)
        return {}

    run_id = run(journal, [("n", node)], {})
    (told,) = journal.effects(run_id)
    assert (told.status, told.error, told.result) == ("failed", "OSError: no route", None)


def test_the_same_key_in_a_step_is_the_same_effect(journal: Journal) -> None:
    """In another step, of a loop for example, it is another."""
    world = World()

    def node(_: State) -> State:
        return {"n": [effect("k", world.call("x"))["number"] for _ in range(3)]}

    run_id = run(journal, [("n", node), ("m", node)], {})
    assert journal.state_at(run_id, 1) == {"n": [1, 1, 1]}
    assert journal.state_at(run_id, 2) == {"n": [2, 2, 2]}


def test_a_step_that_does_something_else_is_stopped(journal: Journal) -> None:
    """The recorded effect is not given for another one, and the new one is not performed."""
    world = World()

    def before(_: State) -> None:
        perform("mail.send", world.call("mail"))
        raise Stopped

    def after(_: State) -> None:
        perform("file.write", world.call("file"))

    run(journal, [("n", before)], {})
    with pytest.raises(EffectMismatchError, match=r"performs 'file.write' where 'mail.send'"):
        go_on(journal, [("n", after)])
    assert world.said() == ["mail"]


def test_items_of_a_fan_out_count_for_themselves(journal: Journal) -> None:
    """In whatever order threads perform them, the keys are the same in every attempt."""
    world = World()

    def node(state: State) -> State:
        scope = current_step.get()
        assert scope is not None

        def item(number: int) -> None:
            with scope.child(f"[{number}]").here():
                perform("x", world.call(f"{number}a"))
                perform("x", world.call(f"{number}b"))

        order = range(3) if state["n"] == 0 else range(2, -1, -1)
        for number in order:
            thread = threading.Thread(target=copy_context().run, args=(item, number))
            thread.start()
            thread.join()
        if state["n"] == 0:
            state["n"] = 1
            raise Stopped
        return {"n": 2}

    run_id = run(journal, [("n", node)], {"n": 0})
    again = [("n", lambda state: node({**state, "n": 1}))]
    assert go_on(journal, again)["n"] == 2
    assert len(world.calls) == 6
    keys = {e.key.removeprefix(f"{run_id}/main/1.n/") for e in journal.effects(run_id)}
    assert keys == {f"[{n}]/{k}" for n in range(3) for k in (1, 2)}


def test_effects_inside_an_effect_are_kept_too(journal: Journal) -> None:
    """An action that calls actions goes on in the middle, and counts below its own key."""
    world = World()
    dying = [True]

    def outer() -> str:
        perform("inner", world.call("one"))
        perform("inner", world.call("two"))
        if dying.pop():
            raise Stopped
        return "done"

    def node(_: State) -> State:
        return {"r": perform("outer", outer)}

    run_id = run(journal, [("n", node)], {})
    dying.append(False)
    assert go_on(journal, [("n", node)]) == {"r": "done"}
    assert world.said() == ["one", "two"]
    keys = {e.key.removeprefix(f"{run_id}/main/1.n/") for e in journal.effects(run_id)}
    assert keys == {"1", "1/1", "1/2"}


def test_an_awaited_effect_is_recorded_when_it_is_done(journal: Journal) -> None:
    """The key holds while it is awaited; given again, it can be awaited again."""
    world = World()
    dying = [True]

    async def post() -> str:
        await asyncio.sleep(0)
        world.call("post")()
        return "posted"

    async def main() -> str:
        got = await effect("post", post)
        if dying.pop():
            raise Stopped
        return got

    def node(_: State) -> State:
        return {"r": asyncio.run(main())}

    run_id = run(journal, [("n", node)], {})
    dying.append(False)
    assert go_on(journal, [("n", node)]) == {"r": "posted"}
    assert world.calls == [("post", f"{run_id}/main/1.n/post")]
    assert journal.effects(run_id)[0].result == "posted"


def test_an_effect_whose_result_is_no_data_is_named(journal: Journal) -> None:
    """It could not be given again, and the step must not go on as if it could."""

    def node(_: State) -> None:
        with pytest.raises(UnstorableError, match="effect open"):
            perform("open", object)

    run(journal, [("n", node)], {})


def test_types_of_results_come_back(journal: Journal) -> None:
    """A tuple is a tuple in the second attempt, too."""
    seen: list[object] = []

    def node(_: State) -> None:
        seen.append(perform("t", lambda: ({1}, b"x")))
        if len(seen) == 1:
            raise Stopped

    run(journal, [("n", node)], {})
    go_on(journal, [("n", node)])
    assert seen == [({1}, b"x")] * 2
