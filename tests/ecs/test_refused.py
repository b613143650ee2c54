"""What would be lost or misread without a word is refused."""

from __future__ import annotations

from typing import Any

import pytest

from codeanatomy.ecs import World, component
from codeanatomy.ecs.errors import InvalidComponentError
from codeanatomy.kernel.errors import SpecError


def test_a_value_without_a_type_is_no_field() -> None:
    """The message says how it is written; methods, properties and private names are fine."""

    class Sheep:
        wool: float = 1.0
        age = 3

        def shear(self) -> float:
            return self.wool

        @property
        def bare(self) -> bool:
            return self.wool == 0

    with pytest.raises(InvalidComponentError, match=r"sheep.age has a value .* age: int = \.\.\."):
        component(Sheep)
    del Sheep.age
    declared: Any = component(Sheep)
    assert declared(2.0).shear() == 2.0


def test_components_come_in_a_list() -> None:
    """A class alone is refused, with how it is listed."""

    @component
    class Sheep:
        wool: float = 1.0

    alone: Any = Sheep
    with pytest.raises(InvalidComponentError, match="components are listed"):
        World(components=alone)


def test_a_world_does_not_run_backwards() -> None:
    """Fewer ticks than none are refused; none are fine."""
    with World() as world:
        assert world.run(0) == []
        with pytest.raises(SpecError, match="cannot run -1 ticks"):
            world.run(-1)


def test_a_durability_that_is_none_is_refused_everywhere() -> None:
    """In memory nothing waits for a disk, and yet a wrong word is a mistake."""
    with pytest.raises(SpecError, match="sometimes"):
        World(durability="sometimes")
