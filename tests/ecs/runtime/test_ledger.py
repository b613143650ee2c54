"""The ledger: order, sameness and conflicts, states, and what a crash leaves of them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from codeanatomy.ecs.errors import InvalidCommandError, TickFailedError, UnknownComponentError
from codeanatomy.ecs.runtime.errors import CommandConflictError, UnknownCommandError
from codeanatomy.kernel.errors import SpecError
from codeanatomy.store.errors import StoreBusyError
from tests.ecs.runtime.people import Alive, Position, Velocity, farm, runtime

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.ecs.runtime.ledger import Entry
    from codeanatomy.ecs.runtime.seat import Seat

SPAWN = {"kind": "spawn", "components": {"position": {"x": 1.0}}}


def states(seat: Seat, name: str = "farm") -> dict[str, str]:
    """Give the state of every command by its id."""
    return {entry.command_id: entry.state for entry in seat.commands(name)}


def crashed(path: Path, to: Path) -> Path:
    """Give a copy of everything on the disk, as if the process had died now."""
    shutil.copytree(path, to)
    return to


def test_the_ledger_has_the_order_of_the_tick() -> None:
    """(tick, priority, sequence), however the commands came in."""
    with runtime() as worlds:
        ann = farm(worlds)
        for name, tick, priority in (
            ("d", 2, 0),
            ("c", 1, 5),
            ("a", 1, -1),
            ("b", 1, 0),
            ("e", 2, 0),
        ):
            ann.submit("farm", [{**SPAWN, "id": name, "tick": tick, "priority": priority}])
        assert [entry.command_id for entry in ann.commands("farm")] == list("abcde")


@pytest.mark.parametrize("moment", ["waiting", "applied"])
def test_the_same_command_again_does_nothing(moment: str) -> None:
    """The same id and content give the same entry, cost nothing and spawn nobody."""
    with runtime() as worlds:
        ann = farm(worlds)
        first = ann.submit("farm", [{**SPAWN, "id": "one"}])[0]
        if moment == "applied":
            ann.step("farm")
        used = worlds.gate.charges.used("ann", worlds.clock())
        again = ann.submit("farm", [{**SPAWN, "id": "one"}])[0]
        assert again == first._replace(state=again.state)
        assert again.state == ("queued" if moment == "waiting" else "applied")
        assert worlds.gate.charges.used("ann", worlds.clock()) == used
        ann.step("farm")
        assert ann.query("farm").num_rows == 1


@pytest.mark.parametrize(
    "other",
    [
        {"components": {"position": {"x": 2.0}}},
        {"components": {"position": {"x": 1.0}, "alive": {}}},
        {"tick": 5},
        {"priority": 1},
        {"count": 2},
    ],
)
def test_the_same_id_with_other_content_is_a_conflict(other: dict[str, object]) -> None:
    """The first command stands as it is."""
    with runtime() as worlds:
        ann = farm(worlds)
        ann.submit("farm", [{**SPAWN, "id": "one"}])
        with pytest.raises(CommandConflictError, match="'one' is known with other content"):
            ann.submit("farm", [{**SPAWN, "id": "one", **other}])
        assert states(ann) == {"one": "queued"}


def test_the_same_id_of_another_actor_is_a_conflict() -> None:
    """An id belongs to who used it first."""
    with runtime() as worlds:
        farm(worlds).submit("farm", [{**SPAWN, "id": "one"}])
        with pytest.raises(CommandConflictError):
            worlds.seat("bob", "player").submit("farm", [{**SPAWN, "id": "one"}])


def test_one_batch_cannot_use_an_id_for_two_things() -> None:
    """For the same thing twice it is one command."""
    with runtime() as worlds:
        ann = farm(worlds)
        twice = ann.submit("farm", [{**SPAWN, "id": "one"}, {**SPAWN, "id": "one"}])
        assert twice[0] == twice[1]
        with pytest.raises(SpecError, match="two commands of this batch are called 'two'"):
            ann.submit(
                "farm", [{**SPAWN, "id": "two"}, {"kind": "despawn", "entities": [1], "id": "two"}]
            )
        assert ann.step("farm").spawned == 1


def test_instances_arrays_and_data_say_the_same() -> None:
    """Python values are columns too, and spawn what they say."""
    with runtime() as worlds:
        ann = farm(worlds)
        ann.spawn("farm", Position(1.0), Alive)
        ann.spawn_batch("farm", {"position__x": np.array([2.0, 3.0])}, ["alive"])
        ann.spawn_batch("farm", pa.table({"position__x": [4.0]}), [Alive])
        ann.submit("farm", [{"kind": "spawn", "components": {"temper": {"mood": "CROSS"}}}])
        ann.step("farm")
        assert ann.query("farm", Alive, Position)["position__x"].to_pylist() == [1.0, 2.0, 3.0, 4.0]
        assert ann.query("farm", "temper")["temper__mood"].to_pylist() == ["CROSS"]


ALL = [(1, 1.0), (2, 2.0), (3, 3.0)]


@pytest.mark.parametrize(
    ("order", "rows"),
    [
        ({"kind": "despawn", "entities": [1, 3]}, [ALL[1]]),
        ({"kind": "despawn", "where": "position__x >= 2"}, [ALL[0]]),
        (
            {"kind": "update", "entities": [2], "set": {"position__x": 9}},
            [ALL[0], (2, 9.0), ALL[2]],
        ),
        (
            {"kind": "update", "where": "position__x = 3", "set": {"position__x": 0.5}},
            [ALL[0], ALL[1], (3, 0.5)],
        ),
        ({"kind": "add", "entities": [1], "components": {"alive": {}}}, ALL),
        ({"kind": "remove", "entities": [1], "components": ["position"]}, ALL[1:]),
    ],
)
def test_every_kind_of_command(order: dict[str, object], rows: list[tuple[int, float]]) -> None:
    """Does at the tick what a world's own does."""
    with runtime() as worlds:
        ann = farm(worlds)
        ann.spawn_batch("farm", {"position__x": [1.0, 2.0, 3.0]})
        ann.step("farm")
        ann.submit("farm", [order])
        ann.step("farm")
        found = ann.query("farm", "position").to_pylist()
        assert sorted((row["entity_id"], row["position__x"]) for row in found) == rows


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"kind": "spawn", "components": {"wings": {}}}, "unknown-component"),
        ({"kind": "spawn", "components": {"position": {"z": 1}}}, "unknown-column"),
        ({"kind": "spawn", "components": {"position": {"x": "far"}}}, "column-type"),
        ({"kind": "spawn", "components": {"position": {}}}, "invalid-command"),
        ({"kind": "spawn", "components": {"position": {"x": float("nan")}}}, "not-a-number"),
        ({"kind": "spawn", "columns": {"position__x": [1, 2], "position__y": [1]}}, "column-shape"),
        ({"kind": "spawn", "components": {"position": {"x": 1}}, "entities": [77]}, "entity-id"),
        ({"kind": "spawn", "components": {"position": {"x": 1}}, "tick": 0}, "invalid-command"),
        ({"kind": "despawn", "entities": [-1]}, "entity-id"),
        ({"kind": "despawn", "entities": "all"}, "entity-id"),
        ({"kind": "despawn", "where": "position__x >"}, "invalid-expression"),
        ({"kind": "despawn", "where": "wings__span > 1"}, "unknown-component"),
        ({"kind": "update", "entities": [1]}, "invalid-command"),
        ({"kind": "update", "entities": [1], "set": {"position__z": 1}}, "unknown-column"),
        ({"kind": "despawn"}, "invalid-command"),
        ({"kind": "jump"}, "invalid-command"),
        ({"kind": "despawn", "entities": [1], "to": 3}, "invalid-command"),
        ({"kind": "despawn", "entities": [1], "tick": "soon"}, "invalid-command"),
    ],
)
def test_what_is_not_valid_is_rejected(order: dict[str, object], code: str) -> None:
    """At once, by name, without a charge, in the ledger; the same again is rejected again."""
    with runtime() as worlds:
        ann = farm(worlds)
        with pytest.raises(SpecError if code not in _NAMES else Exception) as caught:
            ann.submit("farm", [{**order, "id": "bad"}])
        assert getattr(caught.value, "code", "") == code
        assert states(ann) == {"bad": "rejected"}
        assert worlds.gate.charges.used("ann", worlds.clock()) == 60  # create, and the ledger
        with pytest.raises(InvalidCommandError, match=r"'bad'|no command") as again:
            ann.submit("farm", [{**order, "id": "bad"}])
        assert again.value.facts.get("rejected", code) == code


_NAMES = ("unknown-component", "unknown-column")


def test_a_single_command_raises_its_own_error() -> None:
    """Not that of a batch."""
    with runtime() as worlds, pytest.raises(UnknownComponentError, match="wings"):
        farm(worlds).submit("farm", [{"kind": "spawn", "components": ["wings"]}])


def test_what_no_entity_took_is_rejected_at_the_tick() -> None:
    """Refused for all it is rejected, refused for some it is applied with a word about it."""
    with runtime() as worlds:
        ann = farm(worlds)
        ann.spawn("farm", Position(1))
        ann.submit("farm", [{"kind": "despawn", "entities": [50], "id": "none"}])
        ann.submit(
            "farm",
            [{"kind": "update", "entities": [1, 50], "set": {"position__x": 4}, "id": "some"}],
        )
        ann.step("farm")
        entries = {entry.command_id: entry for entry in ann.commands("farm")}
        assert (entries["none"].state, entries["none"].code) == ("rejected", "unknown-entity")
        assert (entries["some"].state, entries["some"].code) == ("applied", "unknown-entity")
        assert "1 of 2 entities refused" in entries["some"].message


def broken(*_what: object) -> None:
    """Fail."""
    raise ValueError("broken")


def test_a_tick_that_fails_leaves_its_commands_retryable() -> None:
    """They are applied by the tick that succeeds."""
    with runtime() as worlds:
        ann = farm(worlds)
        ann.submit("farm", [{**SPAWN, "id": "now"}, {**SPAWN, "id": "later", "tick": 2}])
        ann.add_hook("farm", "pre_tick", broken)
        with pytest.raises(TickFailedError):
            ann.step("farm")
        found = {e.command_id: (e.state, e.attempts, e.code) for e in ann.commands("farm")}
        assert found == {"now": ("retryable", 1, "tick-failed"), "later": ("queued", 0, "")}
        ann.remove_hook("farm", "pre_tick", broken)
        ann.step("farm")
        assert states(ann) == {"now": "applied", "later": "queued"}
        assert ann.query("farm").num_rows == 1


def dead_letter(seat: Seat) -> None:
    """Let a command fail until it is a dead letter."""
    seat.submit("farm", [{**SPAWN, "id": "dead"}])
    seat.add_hook("farm", "pre_tick", broken)
    for _ in range(3):
        with pytest.raises(TickFailedError):
            seat.step("farm")
    seat.remove_hook("farm", "pre_tick", broken)


def test_after_three_failures_a_command_is_a_dead_letter(tmp_path: Path) -> None:
    """The world goes on without it, also after a crash and after closing; a person may retry."""
    with runtime(tmp_path / "a") as worlds:
        ann = farm(worlds)
        dead_letter(ann)
        copy = crashed(tmp_path / "a", tmp_path / "b")
        assert states(ann) == {"dead": "dead-letter"}
        assert ann.step("farm").spawned == 0
    for place in (tmp_path / "a", copy):
        with runtime(place) as worlds:
            ann = worlds.seat("ann", "admin")
            assert ann.step("farm").spawned == 0
            assert states(ann) == {"dead": "dead-letter"}
            assert ann.retry("farm", "dead").state == "queued"
            assert ann.step("farm").spawned == 1
            assert states(ann) == {"dead": "applied"}
            with pytest.raises(SpecError, match="is applied; only dead letters"):
                ann.retry("farm", "dead")


def test_what_was_accepted_survives_a_crash(tmp_path: Path) -> None:
    """Queued before any tick, its ids and its place in the order stay."""
    with runtime(tmp_path / "a") as worlds:
        ann = farm(worlds)
        ann.spawn("farm", Position(1), id="one")
        ann.spawn_batch("farm", {"position__x": [2.0, 3.0]}, id="two", tick=3)
        ann.update("farm", [1], {"position__y": 5.0}, id="three")
        before = [(e.command_id, e.tick, e.ids, e.state) for e in ann.commands("farm")]
        crashed(tmp_path / "a", tmp_path / "b")
    for place in (tmp_path / "b", tmp_path / "a"):
        with runtime(place) as worlds:
            ann = worlds.seat("ann", "admin")
            assert [(e.command_id, e.tick, e.ids, e.state) for e in ann.commands("farm")] == before
            assert ann.spawn("farm", Position(9)).ids == ((4, 1),)
            ann.run("farm", 3)
            assert set(states(ann).values()) == {"applied"}
            rows = ann.query("farm", Position).to_pylist()
            found = sorted((r["entity_id"], r["position__x"], r["position__y"]) for r in rows)
            assert found == [(1, 1.0, 5.0), (2, 2.0, 0.0), (3, 3.0, 0.0), (4, 9.0, 0.0)]


def test_applied_is_what_the_tick_committed(tmp_path: Path) -> None:
    """A world's commit counts, not the ledger's own row: after a crash between the two as well."""
    with runtime(tmp_path / "a") as worlds:
        ann = farm(worlds)
        ann.submit("farm", [{**SPAWN, "id": "in"}])
        held = worlds.held("farm")
        held.world.step()  # the tick is committed; the ledger was not told yet
        ann.submit("farm", [{**SPAWN, "id": "after"}])
        assert states(ann) == {"in": "queued", "after": "queued"}
        crashed(tmp_path / "a", tmp_path / "b")
    with runtime(tmp_path / "b") as worlds:
        ann = worlds.seat("ann", "admin")
        assert ann.inspect("farm")["tick"] == 1
        assert states(ann) == {"in": "applied", "after": "queued"}
        assert ann.step("farm").spawned == 1


def test_a_tick_that_a_crash_took_back_takes_applied_back(tmp_path: Path) -> None:
    """With a deferred durability the ledger follows the world to its last durable tick."""
    with runtime(tmp_path / "a") as worlds:
        ann = worlds.seat("ann", "admin")
        held = worlds.create("farm", model=worlds.models["walkers"], durability="end")
        ann.submit("farm", [{**SPAWN, "id": "one"}])
        ann.step("farm")
        held.world.flush()
        ann.submit("farm", [{**SPAWN, "id": "two"}])
        ann.run("farm", 2)
        assert states(ann) == {"one": "applied", "two": "applied"}
        crashed(tmp_path / "a", tmp_path / "b")
    with runtime(tmp_path / "b") as worlds:
        ann = worlds.seat("ann", "admin")
        assert ann.inspect("farm")["tick"] == 1
        assert states(ann) == {"one": "applied", "two": "queued"}
        ann.step("farm")
        assert [row["entity_id"] for row in ann.query("farm").to_pylist()] == [1, 2]


def test_a_branch_has_the_commands_that_wait_in_it() -> None:
    """Those its manifest holds: submitted before its tick, due after it."""
    with runtime() as worlds:
        ann = farm(worlds)
        ann.submit("farm", [{**SPAWN, "id": "early"}, {**SPAWN, "id": "late", "tick": 3}])
        ann.step("farm")
        ann.submit("farm", [{**SPAWN, "id": "afterwards"}])
        ann.fork("farm", "branch")
        assert states(ann, "branch") == {"late": "queued"}
        ann.run("branch", 3)
        assert states(ann, "branch") == {"late": "applied"}
        assert ann.query("branch").num_rows == 2
        assert states(ann) == {"early": "applied", "late": "queued", "afterwards": "queued"}


def test_one_entry_can_be_read() -> None:
    """As data too; an id that is not there is an error."""
    with runtime() as worlds:
        ann = farm(worlds)
        entry: Entry = ann.spawn("farm", Position(1), Velocity(1), id="one")
        assert ann.command("farm", "one") == entry
        assert entry.as_data()["entities"] == [[1, 1]]
        with pytest.raises(UnknownCommandError):
            ann.command("farm", "two")
        with pytest.raises(SpecError, match="no state 'lost'"):
            ann.commands("farm", states=["lost"])


def test_who_reads_changes_nothing_of_who_writes(tmp_path: Path) -> None:
    """A second runtime reads the same worlds; commands that wait stay as they are."""
    with runtime(tmp_path) as writer, runtime(tmp_path) as reader:
        ann = farm(writer)
        ann.submit("farm", [{**SPAWN, "id": "one"}, {**SPAWN, "id": "two", "tick": 3}])
        before = writer.book.rows("select * from ledger")
        bob = reader.seat("bob", "admin")
        assert bob.inspect("farm")["tick"] == 0
        assert states(bob) == {"one": "queued", "two": "queued"}
        assert writer.book.rows("select * from ledger") == before
        ann.run("farm", 3)
        assert states(ann) == {"one": "applied", "two": "applied"}
        assert bob.inspect("farm")["tick"] == 3
        assert bob.query("farm").num_rows == 2


def test_two_who_write_are_kept_apart(tmp_path: Path) -> None:
    """The second is told that the world is busy; when the first is gone it goes on from there."""
    with runtime(tmp_path) as second:
        bob = second.seat("bob", "operator")
        with runtime(tmp_path) as first:
            ann = farm(first)
            assert bob.inspect("farm")["tick"] == 0
            ann.submit("farm", [{**SPAWN, "id": "one"}])
            for write in (lambda: bob.step("farm"), lambda: bob.spawn("farm", Position(5))):
                with pytest.raises(StoreBusyError):
                    write()
            ann.step("farm")
            ann.submit("farm", [{**SPAWN, "id": "two"}])
        assert bob.step("farm").tick == 2
        assert states(bob) == {"one": "applied", "two": "applied"}
        assert bob.query("farm").num_rows == 2
