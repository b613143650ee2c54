"""Rows of other libraries go in as they are, and what is read goes out to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from codeanatomy.ecs.components import component
from codeanatomy.ecs.errors import (
    ColumnTypeError,
    InvalidCommandError,
    NotANumberError,
    UnknownColumnError,
)
from codeanatomy.ecs.exchange import columns_of
from codeanatomy.ecs.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@component
class Position:
    """Where something is."""

    x: float
    y: float = 0.0


@component
class Label:
    """What something is called."""

    text: str = "-"
    count: int = 0


COLUMNS = {
    "position__x": [1.0, 2.0, 3.0],
    "label__text": ["a", "b", "c"],
    "label__count": [1, 2, 3],
}
TABLE = pa.table(COLUMNS)


def polars_frame() -> object:
    """Give a polars frame."""
    return pytest.importorskip("polars").DataFrame(COLUMNS)


def pandas_frame() -> object:
    """Give a pandas frame with an index of its own."""
    return pytest.importorskip("pandas").DataFrame(COLUMNS, index=[7, 8, 9])


def duckdb_relation() -> object:
    """Give a DuckDB relation."""
    duckdb = pytest.importorskip("duckdb")
    table = TABLE
    found = duckdb.from_arrow(table)
    assert found is not None
    return found


class OnlyCapsules:
    """An object that has nothing but the Arrow C data interface."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the stream of the table."""
        return TABLE.__arrow_c_stream__(requested_schema)


class LikeDaft:
    """A frame that gives its rows by a method, as Daft's."""

    columns = tuple(COLUMNS)

    def to_arrow(self) -> pa.Table:
        """Give the rows."""
        return TABLE


def structured() -> object:
    """Give a numpy structured array."""
    rows = list(zip(*COLUMNS.values(), strict=True))
    kinds = [("position__x", "f8"), ("label__text", "U4"), ("label__count", "i8")]
    return np.array(rows, dtype=kinds)


SOURCES: dict[str, Callable[[], object]] = {
    "mapping": lambda: COLUMNS,
    "arrow table": lambda: TABLE,
    "record batch": lambda: TABLE.to_batches()[0],
    "reader": TABLE.to_reader,
    "chunked table": lambda: pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(1)]),
    "polars": polars_frame,
    "pandas": pandas_frame,
    "duckdb": duckdb_relation,
    "capsules": OnlyCapsules,
    "by method": LikeDaft,
    "structured": structured,
}


@pytest.fixture
def world() -> Iterator[World]:
    """Give an empty world."""
    with World(components=(Position, Label)) as made:
        yield made


def rows(world: World) -> list[dict[str, Any]]:
    """Give what lives, without its place."""
    return world.query(Position, Label).drop_columns(list(PLACE)).to_pylist()  # type: ignore[no-any-return] # pyarrow ships no types


PLACE = ("world_id", "run_id", "tick", "is_active")
EXPECTED = [
    {"entity_id": 1, "position__x": 1.0, "position__y": 0.0, "label__text": "a", "label__count": 1},
    {"entity_id": 2, "position__x": 2.0, "position__y": 0.0, "label__text": "b", "label__count": 2},
    {"entity_id": 3, "position__x": 3.0, "position__y": 0.0, "label__text": "c", "label__count": 3},
]


@pytest.mark.parametrize("source", SOURCES)
def test_spawn(world: World, source: str) -> None:
    """A batch of any library is spawned as it is."""
    assert world.spawn_batch(SOURCES[source]()).tolist() == [1, 2, 3]
    world.step()
    assert rows(world) == EXPECTED


def with_ids(source: str) -> object:
    """Give a batch that names entities 3 and 1 and a new x for each."""
    table = pa.table({"entity_id": [3, 1], "position__x": [30.0, 10.0]})
    if source == "polars":
        return pytest.importorskip("polars").from_arrow(table)
    if source == "pandas":
        return pytest.importorskip("pandas").DataFrame(table.to_pydict())
    return table.to_pydict() if source == "mapping" else table


@pytest.mark.parametrize("source", ["arrow", "polars", "pandas"])
def test_update(world: World, source: str) -> None:
    """A frame with a column of ids updates those entities."""
    world.spawn_batch(TABLE)
    world.step()
    world.update(with_ids(source))
    world.step()
    assert [row["position__x"] for row in rows(world)] == [10.0, 2.0, 30.0]


def test_update_beside_ids(world: World) -> None:
    """A frame without ids goes with the ids that are given beside it."""
    world.spawn_batch(TABLE)
    world.step()
    world.update([2, 3], pytest.importorskip("polars").DataFrame({"label__count": [20, 30]}))
    world.step()
    assert [row["label__count"] for row in rows(world)] == [1, 20, 30]


def test_add(world: World) -> None:
    """Components are added from a frame."""
    world.spawn_batch({"position__x": [1.0, 2.0]})
    world.step()
    world.add([2, 1], pa.table({"label__text": ["two", "one"]}))
    world.step()
    assert [row["label__text"] for row in rows(world)] == ["one", "two"]


def test_what_is_read_can_be_spawned(world: World) -> None:
    """The rows of a query are a batch: where they were read is left out."""
    world.spawn_batch(TABLE)
    world.step()
    found = world.query(Position, Label)
    assert list(columns_of(found)) == [
        "entity_id",
        "position__x",
        "position__y",
        "label__text",
        "label__count",
    ]
    with World(components=(Position, Label)) as other:
        other.spawn_batch(found.drop_columns(["entity_id"]))
        other.step()
        assert rows(other) == rows(world)


def test_out_to_polars(world: World) -> None:
    """A polars frame is made of what a query gives."""
    polars = pytest.importorskip("polars")
    world.spawn_batch(TABLE)
    world.step()
    frame = polars.DataFrame(world.query(Position, Label))
    assert frame["label__text"].to_list() == ["a", "b", "c"]
    assert frame["world_id"].unique().to_list() == [world.birth.world_id]


def test_out_to_pandas(world: World) -> None:
    """A pandas frame is made of what a query gives."""
    pytest.importorskip("pandas")
    world.spawn_batch(TABLE)
    world.step()
    frame = world.query(Position, Label).to_pandas()
    assert frame["position__x"].tolist() == [1.0, 2.0, 3.0]


def test_out_to_duckdb(world: World) -> None:
    """DuckDB asks what a query gives."""
    duckdb = pytest.importorskip("duckdb")
    world.spawn_batch(TABLE)
    world.step()
    found = world.query(Label)
    with duckdb.connect() as connection:
        connection.register("found", found)
        answer = connection.sql("select sum(label__count) from found where label__text <> 'a'")
        assert answer.fetchall() == [(5,)]


REFUSED: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: 3.5, InvalidCommandError, "float is no batch"),
    (lambda: pa.table({"x": [1.0]}), UnknownColumnError, "component__field"),
    (lambda: pa.table({"position__x": ["a"]}), ColumnTypeError, "position__x"),
    (lambda: pa.table({"position__x": [None, 1.0]}), NotANumberError, "position__x"),
    (
        lambda: pa.Table.from_arrays([pa.array([1.0])] * 2, names=["position__x"] * 2),
        InvalidCommandError,
        "there twice",
    ),
]


@pytest.mark.parametrize(("source", "error", "says"), REFUSED)
def test_refused(
    world: World, source: Callable[[], object], error: type[Exception], says: str
) -> None:
    """What holds no columns of components is refused, and nothing is spawned."""
    with pytest.raises(error, match=says):
        world.spawn_batch(source())
    world.step()
    assert world.population == 0
