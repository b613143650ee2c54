"""SQL over the history of a world: what its tables are, and that only what is asked is read."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.ecs.components import component
from codeanatomy.ecs.errors import UnknownComponentError
from codeanatomy.ecs.processors import processor
from codeanatomy.ecs.sql import sql
from codeanatomy.ecs.world import World
from codeanatomy.engine.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.table import Table


class Kind(enum.Enum):
    """What somebody is."""

    WOLF = 1
    SHEEP = 2


@component
class Position:
    """Where something is."""

    x: float
    y: float = 0.0


@component
class Animal:
    """What lives."""

    kind: Kind = Kind.WOLF
    energy: int = 10
    mood: float | None = None


@processor(reads=(Position,), writes=(Position,))
def drift(columns: Any) -> dict[str, Any]:  # noqa: ANN401 - the columns of a table
    """Move everything by one."""
    return {"position__x": columns.position__x + 1.0}


@pytest.fixture(params=["memory:", "log:"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Give a world of two tables; entity 1 leaves at tick 3."""
    uri = request.param if request.param == "memory:" else f"{request.param}{tmp_path / 'w'}"
    with World(uri, components=(Position, Animal), processors=(drift,)) as made:
        made.spawn_batch({"position__x": [0.0, 10.0]}, (Position, Animal(Kind.SHEEP, mood=0.5)))
        made.spawn(Position(100.0))
        made.run(2)
        made.despawn(1)
        made.run(3)
        yield made


JOIN = (
    "select a.animal__energy as e, p.position__x as x from animal a join position p "
    "on a.tick = p.tick and a.entity_id = p.entity_id where a.tick = 5"
)

ANSWERS: list[tuple[str, list[dict[str, Any]]]] = [
    (
        "select tick, avg(position__x) as mean from position group by tick order by tick limit 3",
        [{"tick": 1, "mean": 110 / 3}, {"tick": 2, "mean": 113 / 3}, {"tick": 3, "mean": 57.0}],
    ),
    (
        "select entity_id, position__x from position where tick = 2 order by entity_id",
        [
            {"entity_id": 1, "position__x": 1.0},
            {"entity_id": 2, "position__x": 11.0},
            {"entity_id": 3, "position__x": 101.0},
        ],
    ),
    ("select count(*) as n from position where tick in (1, 3)", [{"n": 5}]),
    ("select count(*) as n from animal where animal__kind = 'SHEEP' and tick > 3", [{"n": 2}]),
    ("select count(animal__mood) as n from animal", [{"n": 7}]),
    (
        "select tick, is_active from archetype__animal__position where entity_id = 1 order by tick",
        [
            {"tick": 1, "is_active": True},
            {"tick": 2, "is_active": True},
            {"tick": 3, "is_active": False},
        ],
    ),
    ("select count(*) as n from archetype__position__animal where is_active", [{"n": 7}]),
    ("select count(*) as n from archetype__position", [{"n": 5}]),
    ("select count(*) as n from archetype__animal", [{"n": 0}]),
    (
        "select components, count(*) as n from entities where tick = 5 group by 1 order by 1",
        [{"components": ["animal", "position"], "n": 1}, {"components": ["position"], "n": 1}],
    ),
    (
        "select tick, entities from ticks where tick >= 2 order by tick limit 2",
        [{"tick": 2, "entities": 3}, {"tick": 3, "entities": 2}],
    ),
    (JOIN, [{"e": 10, "x": 14.0}]),
    ("select max(position__x) as m from position where tick < 1 or tick > 4", [{"m": 104.0}]),
]


@pytest.mark.parametrize(("text", "expected"), ANSWERS, ids=[f"s{n}" for n in range(len(ANSWERS))])
def test_answer(world: World, text: str, expected: list[dict[str, Any]]) -> None:
    """A SELECT is answered over all ticks, active rows by component, all rows by table."""
    assert world.sql(text).to_pylist() == expected


def test_world_and_run(world: World) -> None:
    """Rows say which world and run they lie in, as text."""
    found = world.sql("select distinct world_id, run_id from position").to_pylist()
    assert found == [{"world_id": world.birth.world_id, "run_id": world.birth.run_id}]


def test_parameters(world: World) -> None:
    """`$name` stands for a parameter."""
    text = "select count(*) as n from position where tick = $tick"
    assert world.sql(text, {"tick": 4}).to_pylist() == [{"n": 2}]


def test_given_ticks(world: World) -> None:
    """The history can be limited beforehand; ticks that are not there have no rows."""
    found = world.sql("select distinct tick from position order by tick", ticks=(2, 4, 99))
    assert found.column("tick").to_pylist() == [2, 4]


def test_of_a_moment(world: World) -> None:
    """A moment knows only the ticks up to it."""
    assert world.at(2).sql("select max(tick) as last from ticks").to_pylist() == [{"last": 2}]


REFUSED = [
    ("select * from positon", "position"),
    ("select position__z from position", "position__x"),
    ("drop table position", "only reads"),
    ("selec 1", "SELEC|selec"),
]


@pytest.mark.parametrize(("text", "says"), REFUSED)
def test_refused(world: World, text: str, says: str) -> None:
    """What is no SELECT over these tables is refused with the nearest names."""
    with pytest.raises(QueryError, match=says):
        world.sql(text)


def test_unknown_component_in_a_table(world: World) -> None:
    """A table of a component nobody knows is named."""
    with pytest.raises(UnknownComponentError, match="position"):
        world.sql("select * from archetype__positon")


class Counting:
    """A world that writes down which ticks are read."""

    def __init__(self, world: World) -> None:
        self.components, self.birth, self.state = world.components, world.birth, world.state
        self.read_ticks: list[int] = []
        self._inner = world.backend
        self.backend: Any = self

    def ticks(self) -> range:
        """Give the ticks that can be read."""
        return self._inner.ticks()

    def held(self) -> Sequence[int]:
        """Give the ticks that are held."""
        return self._inner.held()

    def read(self, tick: int) -> Mapping[Archetype, Table]:
        """Write the tick down."""
        self.read_ticks.append(tick)
        return self._inner.read(tick)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("tick = 2", [2]),
        ("tick = 2 and position__x > 3", [2]),
        ("tick between 2 and 3", [2, 3]),
        ("tick in (1, 4)", [1, 4]),
        ("tick < 3 or tick = 4", [1, 2, 4]),
        ("not tick > 1", [1]),
    ],
)
def test_only_asked_ticks_are_read(world: World, condition: str, expected: list[int]) -> None:
    """A condition on the tick reads those ticks and no others."""
    counting = Counting(world)
    sql(counting, f"select count(*) as n from position where {condition}")
    assert sorted(set(counting.read_ticks)) == expected
