"""Named worlds over one address: created, opened again, branched, destroyed, restored."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

import pytest

from codeanatomy.ecs.runtime.errors import (
    InvalidModelError,
    ModelNeededError,
    UnknownWorldError,
    WorldNameError,
)
from codeanatomy.ecs.runtime.model import load
from codeanatomy.ecs.runtime.runtime import ArchetypeRuntime
from codeanatomy.kernel.errors import SpecError, UnknownNameError
from codeanatomy.store.errors import StoreWriteError
from tests.ecs.runtime.people import Alive, Position, Velocity, farm, runtime

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from codeanatomy.ecs.runtime.seat import Seat


def places(seat: Seat, name: str) -> list[tuple[int, float]]:
    """Give ids and x of a world."""
    rows = seat.query(name, Position).to_pylist()
    return [(row["entity_id"], row["position__x"]) for row in rows]


@pytest.mark.parametrize("scheme", ["", "log:", "parquet:"])
def test_worlds_are_there_after_reopening(tmp_path: Path, scheme: str) -> None:
    """By name, at the tick they had, and they go on."""
    with runtime(f"{scheme}{tmp_path}") as worlds:
        ann = farm(worlds)
        ann.spawn("farm", Position(1), Velocity(2))
        ann.run("farm", 3)
        ann.create("second", model="walkers")
    with runtime(f"{scheme}{tmp_path}") as worlds:
        ann = worlds.seat("ann", "admin")
        assert [row["name"] for row in ann.worlds()] == ["farm", "second"]
        assert places(ann, "farm") == [(1, 5.0)]
        assert ann.step("farm").tick == 4
        assert places(ann, "farm") == [(1, 7.0)]


@pytest.mark.parametrize("place", ["memory:", "log:"])
def test_a_branch_is_a_world_of_its_own(tmp_path: Path, place: str) -> None:
    """It goes its own way from its tick on, and is there again after reopening."""
    uri = place if place == "memory:" else f"{place}{tmp_path}"
    with runtime(uri) as worlds:
        ann = farm(worlds)
        ann.spawn("farm", Position(0), Velocity(1))
        ann.run("farm", 5)
        made = ann.fork("farm", "slow", at_tick=2)
        assert (made["tick"], made["ancestor_tick"]) == (2, 2)
        ann.update("slow", [1], {"velocity__dx": 10.0})
        ann.run("slow", 2)
        assert places(ann, "slow") == [(1, 12.0)]
        assert places(ann, "farm") == [(1, 4.0)]
        again = ann.fork("slow", "slower")
        assert again["ancestor"] == made["id"]
    if place == "log:":
        with runtime(uri) as worlds:
            ann = worlds.seat("ann", "admin")
            assert places(ann, "slow") == places(ann, "slower") == [(1, 12.0)]
            ann.destroy("farm")
            assert ann.step("slow").tick == 5


def test_a_destroyed_world_is_out_of_reach_until_restored(tmp_path: Path) -> None:
    """Its name is free; a restored one is as it was; the last destroyed of a name comes back."""
    with runtime(tmp_path) as worlds:
        ann = farm(worlds)
        ann.spawn("farm", Position(1))
        ann.step("farm")
        ann.destroy("farm")
        with pytest.raises(UnknownWorldError, match="no world 'farm' here; there is none yet"):
            ann.step("farm")
        ann.create("farm", model="walkers")
        with pytest.raises(WorldNameError, match="there is a world 'farm' already"):
            ann.restore("farm")
        ann.step("farm")
        ann.destroy("farm")
        assert ann.restore("farm")["population"] == 0
        ann.destroy("farm")
        worlds.book.write(
            "update worlds set name = 'gone' where destroyed = (select max(destroyed) from worlds)"
        )
    with runtime(tmp_path) as worlds, pytest.raises(UnknownWorldError, match="destroyed are: gone"):
        worlds.seat("ann", "admin").restore("farm")


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "a b", "x" * 101, "ü", "a\n"])
def test_names_that_no_world_can_have(name: str, tmp_path: Path) -> None:
    """They would be paths, or could not be told apart."""
    with runtime(tmp_path) as worlds:
        ann = worlds.seat("ann", "admin")
        with pytest.raises(WorldNameError):
            ann.create(name)
        assert ann.worlds() == []


def test_unknown_names_tell_the_nearest() -> None:
    """A world and a model."""
    with runtime() as worlds:
        ann = farm(worlds)
        with pytest.raises(UnknownWorldError, match="no world 'fram' here; the nearest are farm"):
            ann.inspect("fram")
        with pytest.raises(UnknownNameError, match="no model 'flyers' here; there are: walkers"):
            ann.create("other", model="flyers")


def test_ticks_want_the_model_the_world_was_made_with(tmp_path: Path) -> None:
    """Without it reading works; stepping would leave its processors out without a word."""
    with runtime(tmp_path) as worlds:
        farm(worlds).spawn("farm", Position(1), Velocity(1))
    with ArchetypeRuntime(tmp_path) as worlds:
        ann = worlds.seat("ann", "admin")
        assert ann.inspect("farm")["tick"] == 0
        for call in (ann.step, lambda name: ann.run(name, 2), ann.episode):
            with pytest.raises(ModelNeededError, match="made with the model 'walkers'"):
                call("farm")
    with runtime(tmp_path) as worlds:
        ann = worlds.seat("ann", "admin")
        ann.step("farm")
        assert places(ann, "farm") == [(1, 1.0)]


@pytest.mark.parametrize("uri", ["s3://bucket/x", "mongo:here", "log:", "log:/x?compression=lz4"])
def test_addresses_that_are_none(uri: str) -> None:
    """The message says what would be one."""
    with pytest.raises(SpecError, match="no storage address"):
        ArchetypeRuntime(uri)


def test_a_model_file_gives_its_components_and_processors(tmp_path: Path) -> None:
    """In the order they stand there; what a file imports from elsewhere is not left out."""
    file = tmp_path / "rabbits.py"
    file.write_text(
        "from codeanatomy.ecs import component, processor\n"
        "@component\nclass Rabbit:\n    age: int = 0\n"
        "@processor(reads=(Rabbit,), writes=(Rabbit,))\n"
        "def grow(cols, visit):\n    return {'rabbit__age': cols.rabbit__age + 1}\n"
        "RESOURCES = {'grass': 12}\n"
    )
    with ArchetypeRuntime("memory:", models=[load(file)]) as worlds:
        ann = worlds.seat("ann", "admin")
        about = ann.create("warren", model="rabbits")
        assert (about["processors"], about["resources"]) == (["grow"], {"grass": 12})
        ann.submit("warren", [{"kind": "spawn", "components": ["rabbit"], "count": 3}])
        ann.run("warren", 3)
        assert ann.query("warren", "rabbit")["rabbit__age"].to_pylist() == [2, 2, 2]


@pytest.mark.parametrize(
    ("text", "told"),
    [("1 / 0", "ZeroDivisionError"), ("x = 1", "declares nothing"), ("def", "SyntaxError")],
)
def test_a_model_file_that_is_none(tmp_path: Path, text: str, told: str) -> None:
    """It is named, with what is wrong."""
    file = tmp_path / "bad.py"
    file.write_text(text)
    with pytest.raises(InvalidModelError, match=told):
        load(file)
    with pytest.raises(InvalidModelError, match="no model file at"):
        load(tmp_path / "none.py")


def test_history_chart_and_space() -> None:
    """Populations by table, an aggregate by tick, and where entities stand at any of them."""
    with runtime() as worlds:
        ann = farm(worlds)
        ann.spawn_batch("farm", {"position__x": [0.0, 4.0], "velocity__dx": [1.0, 1.0]})
        ann.spawn("farm", Position(9), Alive, tick=3)
        ann.run("farm", 3)
        past = ann.history("farm")
        assert past["ticks"] == [0, 1, 2, 3]
        assert past["population"] == [0, 2, 2, 3]
        assert [(one["table"], one["rows"]) for one in past["series"]] == [  # type: ignore[attr-defined] # a list
            ("alive + position", [0, 0, 0, 1]),
            ("position + velocity", [0, 2, 2, 2]),
        ]
        assert ann.history("farm", points=2)["ticks"] == [0, 3]
        assert ann.chart("farm", "avg(position__x)")["values"] == [None, 2.0, 3.0, 17 / 3]
        found = ann.space("farm", tick=2, colour="velocity__dx")
        assert (found["entities"], found["grid"], found["tick"]) == (2, False, 2)
        assert found["layers"] == [
            {
                "table": "position + velocity", "components": ["position", "velocity"], "rows": 2,
                "entity_id": [1, 2], "x": [1.0, 5.0], "y": [0.0, 0.0], "colour": [1.0, 1.0],
            }
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda seat: seat.chart("farm", "position__x"), "a chart wants one for each tick"),
        (lambda seat: seat.chart("farm", "avg(position__z)"), "position__x"),
        (lambda seat: seat.space("farm", colour="wings__span"), "wings"),
        (lambda seat: seat.space("farm", tick=99), "99"),
        (lambda seat: seat.run("farm", 0), "ticks is a number from 1"),
    ],
)
def test_questions_that_are_none(ask: Callable[[Seat], object], told: str) -> None:
    """Refused by name."""
    with runtime() as worlds:
        ann = farm(worlds)
        with pytest.raises((SpecError, UnknownNameError), match=told):
            ask(ann)


def test_a_message_is_read_at_the_next_tick() -> None:
    """Sent through the gate, in the inbox of its receiver."""
    heard: list[list[float]] = []

    def listen(_cols: object, visit: object) -> None:
        heard.append(visit.messages.read(Velocity).columns["velocity__dx"].tolist())  # type: ignore[attr-defined] # a visit

    with runtime() as worlds:
        ann = farm(worlds)
        ann.spawn("farm", Position(1), Alive)
        ann.step("farm")
        ann.add_processor("farm", listen)
        worlds.seat("pat", "player").message("farm", [1], Velocity(7.0))
        ann.run("farm", 2)
        assert heard == [[7.0], []]


def test_an_episode_ends_by_its_rule_and_rollouts_leave_the_world_alone() -> None:
    """Both go through the gate, with the ledger kept in line."""
    with runtime() as worlds:
        ann = farm(worlds)
        ann.spawn("farm", Position(0), Velocity(1), id="one")
        ended = ann.episode("farm", "max(position__x) >= 3", max_steps=50)
        assert (ended.steps, ended.reason) == (4, "max(position__x) >= 3")
        assert ann.command("farm", "one").state == "applied"
        found = ann.rollout("farm", 2, max_steps=3, measure={"far": "max(position__x)"})
        assert found.rows["far"].to_pylist() == [6.0, 6.0]
        assert ann.inspect("farm")["tick"] == 4


def test_many_actors_at_once() -> None:
    """Calls from several threads are whole: every command counted, every tick made."""
    with runtime() as worlds:
        farm(worlds)

        def play(name: str) -> None:
            seat = worlds.seat(name, "operator")
            for _ in range(10):
                seat.spawn("farm", Position(1))
                seat.step("farm")

        threads = [Thread(target=play, args=(f"p{number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ann = worlds.seat("ann", "admin")
        about = ann.inspect("farm")
        assert (about["tick"], about["population"]) == (40, 40)
        assert about["commands"]["applied"] == 40  # type: ignore[index] # a mapping
        entities = sorted(entry.ids[0][0] for entry in ann.commands("farm"))
        assert entities == list(range(1, 41))


@pytest.mark.parametrize("below", ["", "/x"])
def test_a_file_where_the_store_should_be_is_named(tmp_path: Path, below: str) -> None:
    """The error says what to do, and the file is as it was."""
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(StoreWriteError, match="name a store elsewhere"):
        ArchetypeRuntime(f"{tmp_path}/notes{below}")
    assert (tmp_path / "notes").read_text() == "mine"
