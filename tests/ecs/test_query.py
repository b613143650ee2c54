"""Reading worlds: which rows, which columns, of which ticks, in which order."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from codeanatomy.ecs.components import component
from codeanatomy.ecs.errors import (
    InvalidExpressionError,
    InvalidQueryError,
    UnknownColumnError,
    UnknownComponentError,
    UnknownTickError,
)
from codeanatomy.ecs.processors import processor
from codeanatomy.ecs.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codeanatomy.ecs.receipt import Receipt


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
class Energy:
    """What keeps something alive."""

    value: int = 10
    note: float | None = None


@component
class Label:
    """What something is called."""

    text: str = "-"
    kind: Kind = Kind.WOLF
    home: list[int] = []  # noqa: RUF012 - the default of a field


@component
class Marked:
    """A tag."""


@component
class Unmet:
    """A component no world has met."""

    n: int


@processor(reads=(Energy,), writes=(Energy,))
def tire(columns: Any) -> dict[str, Any]:  # noqa: ANN401 - the columns of a table
    """Take one from every energy."""
    return {"energy__value": columns.energy__value - 1}


BACKENDS = ("memory:", "log:", "parquet:")


@pytest.fixture(params=BACKENDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Give a world of three tables after four ticks.

    1, 2: position; 3, 4: energy and position; 5: energy, label, position. At tick 2 entity 1
    leaves, at tick 3 entity 2 moves and 4 gets a mark.
    """
    uri = request.param if request.param == "memory:" else f"{request.param}{tmp_path / 'w'}"
    made = World(uri, components=(Position, Energy, Label, Marked), processors=(tire,))
    with made:
        made.spawn_batch({"position__x": [1.0, 2.0]})
        made.spawn_batch({"position__x": [3.0, 4.0]}, (Position, Energy))
        made.spawn(Position(5.0), Energy(50, 0.5), Label("five", Kind.SHEEP, [5]))
        made.step()
        made.despawn(1)
        made.step()
        made.update(2, Position(x=20.0))
        made.add(4, Marked)
        made.step()
        made.step()
        yield made


def ids(rows: pa.Table) -> list[int]:
    """Give the entities of rows, in their order."""
    found: list[int] = rows.column("entity_id").to_pylist()
    return found


def test_rows_have_their_place(world: World) -> None:
    """A row says its world, run, tick, entity and activity before its components."""
    rows = world.query(Position)
    assert rows.column_names[:5] == ["world_id", "run_id", "tick", "entity_id", "is_active"]
    assert rows.column_names[5:] == ["position__x", "position__y"]
    assert set(rows.column("world_id").to_pylist()) == {world.birth.world_id}
    assert set(rows.column("run_id").to_pylist()) == {world.birth.run_id}
    assert set(rows.column("tick").to_pylist()) == {4}
    assert set(rows.column("is_active").to_pylist()) == {True}


COMPONENTS: list[tuple[tuple[object, ...], dict[str, Any], list[int]]] = [
    ((Position,), {}, [5, 4, 3, 2]),
    ((Position, Energy), {}, [5, 4, 3]),
    (("position", "energy"), {}, [5, 4, 3]),
    ((Label,), {}, [5]),
    ((Marked,), {}, [4]),
    ((), {}, [5, 4, 3, 2]),
    ((Position,), {"without": (Energy,)}, [2]),
    ((Position,), {"without": ("label", Marked)}, [3, 2]),
    ((Position,), {"entities": 3}, [3]),
    ((Position,), {"entities": [4, 2, 2, 99]}, [4, 2]),
    ((Position,), {"entities": np.array([5])}, [5]),
    ((Position,), {"entities": []}, []),
    ((Position,), {"tick": 1}, [5, 3, 4, 1, 2]),
    ((Position,), {"tick": 0}, []),
    ((Marked,), {"tick": 2}, []),
    ((Position,), {"ticks": range(1, 3)}, [5, 3, 4, 1, 2, 5, 3, 4, 2]),
    ((Position,), {"ticks": [3, 1], "entities": [5]}, [5, 5]),
    ((Position,), {"ticks": "all", "entities": [1]}, [1]),
    ((Position,), {"ticks": slice(-2, None), "entities": [2]}, [2, 2]),
    ((Position,), {"where": "position__x >= 4"}, [5, 4, 2]),
    ((Position,), {"where": "energy__value > 10"}, [5]),
    ((Position,), {"where": "entity_id = 3"}, [3]),
    ((Position,), {"where": lambda columns: columns.position__x < 4.0}, [3]),
    ((Position,), {"where": pc.field("position__x") == 20.0}, [2]),
    ((Energy,), {"where": "energy__note is null"}, [4, 3]),
    ((Label,), {"where": "label__kind = 'SHEEP' and label__text like 'f%'"}, [5]),
    ((Position,), {"tick": 2, "active": False}, [1]),
    ((Position,), {"tick": 3, "active": None}, [5, 4, 3, 2, 4]),
    ((Position,), {"tick": 3, "active": False, "where": "position__x > 4"}, []),
    ((Position,), {"tick": 3, "changed": True}, [2]),
    ((Position,), {"tick": 1, "changed": True}, [5, 3, 4, 1, 2]),
    ((Position,), {"tick": 4, "changed": True}, []),
    ((Position,), {"tick": 3, "changed": Energy}, [5, 4, 3]),
    ((Position,), {"tick": 3, "changed": "energy__note"}, []),
    ((Position,), {"tick": 3, "changed": ["position__y", "position__x"]}, [2]),
    ((Position,), {"tick": 3, "changed": Marked}, [4]),
    ((Position,), {"tick": 4, "changed": Marked}, []),
    ((Label,), {"tick": 3, "changed": True}, []),
]


NAMES = [f"q{at}" for at in range(len(COMPONENTS))]


@pytest.mark.parametrize(("components", "options", "expected"), COMPONENTS, ids=NAMES)
def test_query(
    world: World, components: tuple[object, ...], options: dict[str, Any], expected: list[int]
) -> None:
    """A query gives the rows of every table that has all it names, by tick, table and entity."""
    assert ids(world.query(*components, **options)) == expected


def test_values_of_the_past(world: World) -> None:
    """Rows of a tick are as they were then."""
    rows = world.query(Energy, ticks="all", entities=5)
    assert rows.column("energy__value").to_pylist() == [50, 49, 48, 47]
    assert world.query(Position, tick=2, entities=2).column("position__x").to_pylist() == [2.0]


def test_tombstone_has_the_values_before(world: World) -> None:
    """A tombstone has the values of the tick before, and is not active."""
    rows = world.query(Energy, tick=3, active=False)
    assert rows.select(["tick", "entity_id", "is_active", "energy__value"]).to_pylist() == [
        {"tick": 3, "entity_id": 4, "is_active": False, "energy__value": 9}
    ]


def test_nothing_is_given_for_null(world: World) -> None:
    """An optional number that is absent is null, not NaN."""
    assert world.query(Energy, entities=[3, 5]).column("energy__note").to_pylist() == [0.5, None]


EMPTY: list[tuple[tuple[object, ...], dict[str, Any]]] = [
    ((Label, Marked), {}),
    (("label",), {"tick": 0}),
    ((Label,), {"ticks": []}),
    ((Label,), {"where": "label__text = 'nobody'"}),
]


@pytest.mark.parametrize(("components", "options"), EMPTY)
def test_empty_has_the_schema(
    world: World, components: tuple[object, ...], options: dict[str, Any]
) -> None:
    """A known component without rows gives an empty table with the schema of a full one."""
    rows = world.query(*components, **options)
    assert len(rows) == 0
    assert rows.schema == world.query(Label).schema


def test_unmet_class(world: World) -> None:
    """A class this world has not met has its columns and no rows, and stays unmet."""
    rows = world.query(Unmet)
    assert rows.column_names[5:] == ["unmet__n"]
    assert len(rows) == 0
    assert "unmet" not in world.components


REFUSED: list[tuple[tuple[object, ...], dict[str, Any], type[Exception], str]] = [
    (("positon",), {}, UnknownComponentError, "position"),
    ((Position,), {"without": ("enrgy",)}, UnknownComponentError, "energy"),
    ((Position,), {"where": "enrgy__value > 1"}, UnknownComponentError, "energy"),
    ((Position,), {"where": "energy__valu > 1"}, UnknownColumnError, "energy__value"),
    ((Position,), {"where": "position__x"}, InvalidExpressionError, "yes or no"),
    ((Position,), {"where": 3}, InvalidQueryError, "int"),
    ((Position,), {"changed": "enrgy"}, UnknownComponentError, "energy"),
    ((Position,), {"changed": "energy__valu"}, UnknownColumnError, "energy__value"),
    ((Position,), {"tick": 9}, UnknownTickError, "9"),
    ((Position,), {"tick": -1}, UnknownTickError, "-1"),
    ((Position,), {"tick": 1.5}, InvalidQueryError, "whole number"),
    ((Position,), {"ticks": "some"}, InvalidQueryError, "all"),
    ((Position,), {"tick": 1, "ticks": [1]}, InvalidQueryError, "not both"),
    ((int,), {}, UnknownComponentError, "@component"),
]


@pytest.mark.parametrize(("components", "options", "error", "says"), REFUSED)
def test_refused(
    world: World,
    components: tuple[object, ...],
    options: dict[str, Any],
    error: type[Exception],
    says: str,
) -> None:
    """What cannot be asked raises by name and says what would have worked."""
    with pytest.raises(error, match=says):
        world.query(*components, **options)


def test_columns_are_not_copied() -> None:
    """Columns of numbers are given as they lie in the world."""
    with World() as world:
        world.spawn_batch({"position__x": np.arange(1000.0)}, (Position,))
        world.step()
        held = world.tables["position",].columns["position__x"]
        assert isinstance(held, np.ndarray)
        given = world.query(Position).column("position__x").chunk(0)
        assert given.buffers()[1].address == held.__array_interface__["data"][0]


def test_from_inside_a_hook() -> None:
    """A hook reads the tick that was just made."""
    seen: list[list[int]] = []

    def look(inner: World, receipt: Receipt) -> None:
        seen.append([receipt.tick, *ids(inner.query(Position))])

    with World() as world:
        world.on("post_tick", look)
        world.spawn(Position(1.0))
        world.run(2)
    assert seen == [[1, 1], [2, 1]]


def test_many_small_ticks_are_one_piece() -> None:
    """Rows of many small ticks come in one piece, not in thousands."""
    with World() as world:
        world.spawn(Position(1.0))
        world.run(200)
        rows = world.query(Position, ticks="all")
    assert len(rows) == 200
    assert rows.column("position__x").num_chunks == 1
