"""Components: what a class declares, what it refuses, and what its instances are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Annotated, Any, NamedTuple

import numpy as np  # noqa: TC002 - annotations of components are read
import pyarrow as pa
import pytest

from codeanatomy.ecs import World, component
from codeanatomy.ecs.components import Components, component_of, given
from codeanatomy.ecs.errors import (
    InvalidComponentError,
    UnknownColumnError,
    UnknownComponentError,
)


class Colour(Enum):
    """A colour."""

    RED = "r"
    BLUE = "b"


class Corner(NamedTuple):
    """A pair of numbers."""

    left: float
    right: float


@dataclass
class Home:
    """A nested struct."""

    street: str
    number: int
    paint: Colour = Colour.RED


@component
class Everything:
    """One field of every type."""

    whole: int
    real: float
    yes: bool
    text: str
    raw: bytes
    colour: Colour
    when: datetime
    day: date
    lasting: timedelta
    small: np.int16
    narrow: np.float32
    three: Annotated[list[float], 3]
    many: list[int]
    home: Home
    corner: Corner
    maybe: float | None = None
    perhaps: int | None = None
    title: str | None = None


VALUES: dict[str, Any] = {
    "whole": 2**62,
    "real": -0.5,
    "yes": True,
    "text": "ä",
    "raw": b"\x00\xff",
    "colour": Colour.BLUE,
    "when": datetime(2026, 5, 17, 12, tzinfo=UTC),
    "day": date(2026, 5, 17),
    "lasting": timedelta(seconds=3),
    "small": -7,
    "narrow": 0.5,
    "three": [1.0, 2.0, 3.0],
    "many": [1, 2],
    "home": Home("here", 5, Colour.BLUE),
    "corner": Corner(1.0, 2.0),
}

TYPES = {
    "whole": pa.int64(),
    "real": pa.float64(),
    "yes": pa.bool_(),
    "text": pa.string(),
    "raw": pa.binary(),
    "colour": pa.dictionary(pa.int8(), pa.string()),
    "when": pa.timestamp("us", tz="UTC"),
    "day": pa.date32(),
    "lasting": pa.duration("us"),
    "small": pa.int16(),
    "narrow": pa.float32(),
    "three": pa.list_(pa.float64(), 3),
    "many": pa.list_(pa.int64()),
    "home": pa.struct([("street", pa.string()), ("number", pa.int64()), ("paint", pa.string())]),
    "corner": pa.struct([("left", pa.float64()), ("right", pa.float64())]),
    "maybe": pa.float64(),
    "perhaps": pa.int64(),
    "title": pa.string(),
}


@pytest.mark.parametrize("field", TYPES)
def test_a_field_has_the_arrow_type_of_its_annotation(field: str) -> None:
    """Every type a field may have becomes its column."""
    column = next(c for c in component_of(Everything).columns if c.field_name == field)
    assert column.name == f"everything__{field}"
    assert column.type == TYPES[field]
    assert column.nullable == (field in {"maybe", "perhaps", "title"})


def test_every_type_comes_out_as_it_went_in() -> None:
    """A spawned row gives back the values, empty ones too."""
    world = World()
    world.spawn(Everything(**VALUES))
    world.spawn(Everything(**VALUES, maybe=1.5, perhaps=4, title="t"))
    world.step()
    table = world.tables["everything",].to_arrow(component_of(Everything).columns)
    first, second = table.to_pylist()
    expected = {f"everything__{name}": value for name, value in VALUES.items()} | {
        "entity_id": 1,
        "everything__colour": "BLUE",
        "everything__home": {"street": "here", "number": 5, "paint": "BLUE"},
        "everything__corner": {"left": 1.0, "right": 2.0},
        "everything__maybe": None,
        "everything__perhaps": None,
        "everything__title": None,
    }
    assert first == expected
    assert second["everything__maybe"] == 1.5
    assert second["everything__perhaps"] == 4
    assert second["everything__title"] == "t"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Position", "position"), ("GridCell", "grid_cell"), ("HTTPCall", "http_call"), ("A1", "a1")],
)
def test_a_component_is_named_after_its_class(name: str, expected: str) -> None:
    """The name is the class name in snake case."""
    assert component_of(component(type(name, (), {}))).name == expected


def test_a_component_may_name_itself() -> None:
    """The decorator takes another name."""

    @component(name="place")
    class Position:
        x: float

    assert component_of(Position).columns[0].name == "place__x"


@pytest.mark.parametrize("name", ["two__parts", "_hidden", "Upper", "end_", ""])
def test_a_name_that_would_confuse_columns_is_refused(name: str) -> None:
    """Names keep `component__field` readable."""
    with pytest.raises(InvalidComponentError, match="cannot name"):
        component(name=name)(type("Thing", (), {}))


@pytest.mark.parametrize(
    "annotation",
    [object, dict[str, int], Annotated[list[float], 0], list[float | None], int | str, set[int]],
)
def test_a_type_without_a_column_is_refused(annotation: object) -> None:
    """The message names the field."""
    with pytest.raises(InvalidComponentError, match=r"thing\.x"):
        component(type("Thing", (), {"__annotations__": {"x": annotation}}))


def test_a_default_must_have_the_type_of_its_field() -> None:
    """A wrong default is refused when the class is declared."""
    with pytest.raises(TypeError, match="thing__x"):
        component(type("Thing", (), {"__annotations__": {"x": int}, "x": 1.5}))


def test_an_instance_knows_what_it_was_given() -> None:
    """Defaults can be read, but only given fields are part of an update."""

    @component
    class Position:
        x: float
        y: float = 2.0

    assert Position(1.0).y == 2.0
    assert given(Position(y=5.0)) == {"position__y": 5.0}  # type: ignore[call-arg] # an update
    assert Position(1.0) == Position(1.0, 2.0) or given(Position(1.0)) == {"position__x": 1.0}
    assert repr(Position(1.0)) == "Position(x=1.0, y=2.0)"
    with pytest.raises(AttributeError, match="values"):
        Position(1.0).x = 2.0
    with pytest.raises(UnknownColumnError, match="nearest are"):
        Position(xx=1.0)  # type: ignore[call-arg] # on purpose
    with pytest.raises(TypeError, match="twice"):
        Position(1.0, x=1.0)  # type: ignore[misc] # on purpose


def test_one_name_means_one_thing() -> None:
    """Two components of one name with other fields cannot live in one world."""

    @component(name="thing")
    class First:
        x: float

    @component(name="thing")
    class Second:
        x: int

    @component(name="thing")
    class Again:
        x: float

    known = Components([First])
    assert known.learn(Again).name == "thing"
    with pytest.raises(InvalidComponentError, match="two different"):
        known.learn(Second)


def test_what_is_not_declared_is_no_component() -> None:
    """A plain object is refused by name."""
    with pytest.raises(UnknownComponentError, match="decorate"):
        World().spawn(5)
    with pytest.raises(UnknownComponentError, match="no component 'text'"):
        World().spawn("text")
    with pytest.raises(UnknownComponentError, match="Home"):
        World().spawn(Home("a", 1))


def test_a_refused_command_teaches_the_world_nothing() -> None:
    """A component of a refused spawn stays unknown."""
    world = World()
    with pytest.raises(TypeError):
        world.spawn(Everything(**{**VALUES, "whole": "x"}))
    assert len(world.components) == 0
