"""Resources: what can be recorded, and that nobody changes it behind the record."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from codeanatomy.ecs import World
from codeanatomy.ecs.errors import InvalidResourceError
from codeanatomy.ecs.resource import equal, freeze


class Season(Enum):
    """A season."""

    WINTER = 1


@pytest.mark.parametrize(
    ("value", "frozen"),
    [
        (1, 1),
        (None, None),
        (b"x", b"x"),
        (date(2026, 1, 1), date(2026, 1, 1)),
        ([1, [2, 3]], (1, (2, 3))),
        (np.float64(0.5), 0.5),
        (Season.WINTER, "WINTER"),
        ({"a": [1]}, {"a": (1,)}),
    ],
)
def test_values_are_frozen(value: object, frozen: object) -> None:
    """Plain values stay, sequences become tuples, enums their names."""
    assert freeze(value, "r") == frozen


def test_arrays_are_copied_and_read_only() -> None:
    """The caller's array stays the caller's."""
    own = np.arange(3)
    world = World()
    world.resources["map"] = own
    own[0] = 99
    held: Any = world.resources["map"]
    assert held.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="read-only"):
        held[0] = 5
    mapping: Any = freeze({"a": 1}, "r")
    with pytest.raises(TypeError):
        mapping["a"] = 2


@pytest.mark.parametrize("value", [object(), {1: 2}, {1, 2}, np.array([object()]), lambda: 1])
def test_what_cannot_be_stored_is_refused(value: object) -> None:
    """The message names the resource and where such things belong."""
    with pytest.raises(InvalidResourceError, match="external"):
        freeze(value, "thing")


@pytest.mark.parametrize("name", ["", 5])
def test_a_resource_is_named_by_text(name: Any) -> None:  # noqa: ANN401 - on purpose
    """Other keys are refused."""
    with pytest.raises(InvalidResourceError):
        World().resources[name] = 1


def test_equal_values_are_no_change() -> None:
    """The recorded mapping stays the same object, so nothing is written."""
    world = World()
    world.resources["a"] = [1, 2]
    before = world.resources.snapshot()
    world.resources["a"] = (1, 2)
    assert world.resources.snapshot() is before
    del world.resources["a"]
    assert dict(world.resources) == {}
    yes: object = True
    assert not equal(1, yes)
    assert not equal((1,), (1, 2))
    assert equal({"a": np.array([np.nan])}, {"a": np.array([np.nan])})
    assert equal(pa.array([1]), pa.array([1]))
