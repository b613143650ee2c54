"""Components that changed since their world was made: refused with a difference, or migrated."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from codeanatomy.ecs import World, component
from codeanatomy.ecs.drift import Migration
from codeanatomy.ecs.errors import ComponentDriftError
from codeanatomy.kernel.errors import UnsupportedError

if TYPE_CHECKING:
    from pathlib import Path


class Mood(Enum):
    """How somebody feels."""

    CALM = 1
    ANGRY = 2


@component(name="body")
class Old:
    """As it was."""

    x: float
    size: int = 1
    label: str = "?"


@component(name="body")
class New:
    """As it is: x is called east, size is a float, label is gone, mood is new."""

    east: float
    size: float = 1.0
    mood: Mood = Mood.CALM


RULE = Migration(New, renamed={"x": "east"}, dropped=("label",), cast=("size",))
PLACES = ("log:{}", "parquet:{}")


def made(place: str) -> None:
    """Make a world of two, one of whom leaves, and close it while a command waits."""
    with World(place, components=[Old]) as world:
        world.spawn_batch({"body__x": [1.0, 2.0], "body__size": [3, 4]}, [Old])
        world.step()
        world.despawn([2])
        world.step()
        world.update([1], Old(x=9.0))


def bodies(world: World, tick: int) -> list[dict[str, object]]:
    """Give the rows of a tick."""
    (table,) = world.backend.state(tick).tables.values()
    found: list[dict[str, object]] = table.to_arrow(world.components.columns(("body",))).to_pylist()
    return found


@pytest.mark.parametrize("place", PLACES)
def test_drift_is_refused_with_its_difference(place: str, tmp_path: Path) -> None:
    """Every field that differs is named, and nothing is changed by the attempt."""
    place = place.format(tmp_path)
    made(place)
    with pytest.raises(ComponentDriftError, match="x is stored and not declared") as caught:
        World.open(place, components=[New])
    assert caught.value.facts["difference"] == [
        "east is declared and not stored",
        "label is stored and not declared",
        "mood is declared and not stored",
        "size: type is stored as int64 and declared as double",
        "x is stored and not declared",
    ]
    with World.open(place, components=[Old]) as world:
        assert world.step().tick == 3


def test_drift_is_refused_when_it_is_met_later(tmp_path: Path) -> None:
    """A class that was not named at opening is compared when it is used."""
    made(f"log:{tmp_path}")
    with World.open(tmp_path) as world, pytest.raises(ComponentDriftError, match="size"):
        world.spawn(New(1.0))


def test_a_rule_must_cover_everything(tmp_path: Path) -> None:
    """What it leaves open is listed."""
    made(f"log:{tmp_path}")
    with pytest.raises(ComponentDriftError) as caught:
        World.open(tmp_path, components=[New], migrations=[Migration("body")])
    assert caught.value.facts["difference"] == [
        "x is stored and not declared, and neither renamed nor dropped",
        "label is stored and not declared, and neither renamed nor dropped",
        "east is declared and not stored, and has no value to begin with",
        "size has another type and is not cast",
    ]


@pytest.mark.parametrize("place", PLACES)
def test_a_migrated_world_goes_on(place: str, tmp_path: Path) -> None:
    """All ticks, tombstones and waiting commands read with the new fields, now and later."""
    place = place.format(tmp_path)
    made(place)
    first = {"entity_id": 1, "body__east": 1.0, "body__size": 3.0, "body__mood": "CALM"}
    second = {"entity_id": 2, "body__east": 2.0, "body__size": 4.0, "body__mood": "CALM"}
    for migrations in ([RULE], []):  # the rule is given once
        with World.open(place, components=[New], migrations=migrations) as world:
            assert bodies(world, 1) == [first, second]
            assert bodies(world, 2) == [first]
            (change,) = world.backend.record(2).tables
            assert change.tombstones is not None
            assert change.tombstones.columns["body__east"].tolist() == [2.0]
            assert world.resources["migrations"][0]["renamed"] == {"x": "east"}  # type: ignore[index] # a recorded rule
    with World.open(place, components=[New]) as world:
        world.step()
        world.update([1], New(mood=Mood.ANGRY))  # type: ignore[call-arg] # an update gives what changes
        world.step()
        assert bodies(world, 3) == [first | {"body__east": 9.0}]
        assert bodies(world, 4) == [first | {"body__east": 9.0, "body__mood": "ANGRY"}]
        branch = world.fork(2)
        assert bodies(branch, 1) == [first, second]
        branch.step()
        branch.close()
    with World.open(place) as world:
        assert world.components.named("body").columns[0].name == "body__east"
        assert bodies(world, 1) == [first, second]


def test_values_that_do_not_fit_are_told(tmp_path: Path) -> None:
    """A cast that would lose something is an error, not a guess."""

    @component(name="body")
    class Whole:
        x: int
        size: int = 1
        label: str = "?"

    with World(tmp_path, components=[Old]) as world:
        world.spawn(Old(1.5))
        world.step()
    with pytest.raises(ComponentDriftError, match="body__x do not fit int64"):
        World.open(tmp_path, components=[Whole], migrations=[Migration(Whole, cast=("x",))])
    with World.open(tmp_path, components=[Old]) as world:
        assert world.tick == 1


def test_delta_refuses_a_migration_by_name(tmp_path: Path) -> None:
    """Its tables keep their columns; the row of capabilities says so."""
    made(f"delta:{tmp_path}")
    with pytest.raises(UnsupportedError, match="the delta store knows no migration"):
        World.open(f"delta:{tmp_path}", components=[New], migrations=[RULE])
    with World.open(f"delta:{tmp_path}", components=[Old]) as world:
        table = world.tables["body",].to_arrow(world.components.columns(("body",)))
        row = {"entity_id": 1, "body__x": 1.0, "body__size": 3, "body__label": "?"}
        assert table.equals(pa.Table.from_pylist([row]))
