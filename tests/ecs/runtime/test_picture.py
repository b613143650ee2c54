"""Pictures of spaces: which columns say where, cells of a grid, colours, a bound on entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pytest

from codeanatomy.ecs import component
from codeanatomy.ecs.runtime.picture import MOST_ENTITIES
from codeanatomy.kernel.errors import SpecError
from tests.ecs.runtime.people import Alive, farm, runtime

if TYPE_CHECKING:
    from codeanatomy.ecs.runtime.runtime import ArchetypeRuntime


@component
class Square:
    """Whole numbers for column and row."""

    col: int
    row: int


@component
class Spot:
    """A pair of numbers."""

    at: Annotated[list[float], 2]


@component
class House:
    """A cell of a grid whose rows follow each other."""

    cell: int
    level: np.int8 = 0  # type: ignore[assignment] # a whole number is one


@component
class Weight:
    """Nothing about where."""

    kilos: float


def taken(worlds: ArchetypeRuntime, columns: dict[str, Any], *parts: object) -> dict[str, Any]:
    """Give the picture of entities with these columns."""
    ann = worlds.seat("ann", "admin")
    ann.create("w", components=parts)
    ann.spawn_batch("w", columns)
    ann.step("w")
    return ann.space("w")


@pytest.mark.parametrize(
    ("part", "columns", "grid", "x", "y"),
    [
        (Square, {"square__col": [1, 2], "square__row": [5, 6]}, True, [1, 2], [5, 6]),
        (Spot, {"spot__at": [[1.5, 2.0], [3.0, 4.0]]}, False, [1.5, 3.0], [2.0, 4.0]),
        (House, {"house__cell": [0, 8]}, True, [0, 2], [0, 2]),
    ],
)
def test_what_says_where(
    part: type,
    columns: dict[str, Any],
    grid: bool,  # noqa: FBT001 - a case
    x: list[float],
    y: list[float],
) -> None:
    """Column and row, a pair, or the cell of a grid."""
    with runtime() as worlds:
        found = taken(worlds, columns, part, Weight)
        layer = found["layers"][0]
        assert (found["grid"], layer["x"], layer["y"]) == (grid, x, y)


def test_cells_are_of_the_grid_that_the_resource_says() -> None:
    """Without it they are taken for a square, and the picture says so."""
    with runtime() as worlds:
        found = taken(worlds, {"house__cell": [0, 5, 7]}, House)
        assert found["bounds"] == [0, 0, 2, 2]
        assert "taken for a square of 3 x 3 cells" in found["assumed"]
        ann = worlds.seat("ann", "admin")
        ann.set_resource("w", "grid", {"width": 4, "height": 2})
        found = dict[str, Any](ann.space("w"))
        assert (found["bounds"], found["assumed"]) == ([0, 0, 3, 1], "")
        assert (found["layers"][0]["x"], found["layers"][0]["y"]) == ([0, 1, 3], [0, 1, 1])


def test_of_many_entities_every_so_many_are_shown() -> None:
    """The picture has a bound, and says what it leaves out."""
    many = MOST_ENTITIES * 2 + 1
    with runtime() as worlds:
        found = taken(worlds, {"house__cell": np.arange(many)}, House)
        assert (found["entities"], found["shown_every"]) == (many, 3)
        assert len(found["layers"][0]["x"]) == -(-many // 3)
        assert found["layers"][0]["entity_id"][:2] == [1, 4]


def test_a_world_without_a_space() -> None:
    """Is told so; one with a space has tables without one left out."""
    with runtime() as worlds:
        with pytest.raises(SpecError, match="no component of this world says where"):
            taken(worlds, {"weight__kilos": [1.0]}, Weight)
        ann = farm(worlds)
        ann.spawn("farm", Alive)
        ann.step("farm")
        assert ann.space("farm")["layers"] == []
