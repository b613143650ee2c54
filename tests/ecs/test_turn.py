"""Turns: processors written for one entity; births and deaths from inside them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from codeanatomy.ecs import World
from codeanatomy.ecs.activation import can_compile
from codeanatomy.ecs.components import component
from codeanatomy.ecs.errors import ActivationError, ProcessorFailedError
from codeanatomy.ecs.turn import turns

if TYPE_CHECKING:
    from codeanatomy.ecs.processors import Processor

NUMBA = pytest.param(
    True,
    marks=pytest.mark.skipif(not can_compile(), reason="numba is not installed: pip install numba"),
)


class Sex(Enum):
    """One of two."""

    HEN = 0
    COCK = 1


@component
class Bird:
    """A bird of a flock."""

    age: int
    sex: Sex
    name: str = "nobody"


@component
class Nest:
    """How many eggs there were."""

    eggs: int = 0


@component
class Ringed:
    """A tag."""


def year(me: int, my: Any, nests: Any, oldest: int, _chance: np.random.Generator) -> None:  # noqa: ANN401 - tuples of arrays
    """Grow older; the old go, hens lay one egg, and a cock turns the next bird into a hen."""
    my.age[me] += 1
    if my.age[me] > oldest:
        my.alive[me] = False
    elif my.sex[me] == 0:
        my.born[me] += 1
        nests.eggs[0] += 1
    else:
        my.sex[(me + 1) % len(my.sex)] = 0


def hatchery(order: Any, *, compiled: bool) -> Processor:  # noqa: ANN401 - what turns take
    """Declare the processor in one of its two modes."""

    @turns(
        year,
        archetypes=[(Bird, Ringed), (Nest,)],
        writes=(Bird, Nest),
        order=order,
        compiled=compiled,
    )
    def flock(my: Any, nests: Any) -> int:  # noqa: ANN401 - tuples of arrays
        assert len(nests.eggs) == 1
        assert set(my._fields) == {"age", "sex", "entity_id", "alive", "born"}
        return 3

    return flock


def told(world: World) -> list[tuple[int, int, str, str]]:
    """Give every bird: id, age, sex, name."""
    rows = world.query(Bird).sort_by("entity_id").to_pylist()
    return [(r["entity_id"], r["bird__age"], r["bird__sex"], r["bird__name"]) for r in rows]


@pytest.mark.parametrize("compiled", [False, NUMBA])
def test_births_and_deaths_from_inside_turns(compiled: bool) -> None:  # noqa: FBT001 - parametrized
    """The dead are tombstones; the newborn copy their parent, all columns, and act a tick later."""
    processors = [hatchery("entity", compiled=compiled)]
    with World(components=[Bird, Nest, Ringed], processors=processors) as world:
        world.spawn(Bird(3, Sex.HEN, "old"), Ringed())
        world.spawn(Bird(0, Sex.COCK, "ned"), Ringed())
        world.spawn(Bird(0, Sex.COCK, "tim"), Ringed())
        world.spawn(Nest())
        world.step()
        receipt = world.step()
        assert (receipt.spawned, receipt.despawned) == (1, 1)
        assert told(world) == [(2, 1, "COCK", "ned"), (3, 1, "HEN", "tim"), (5, 1, "HEN", "tim")]
        world.step()
        assert [row[:3] for row in told(world)] == [
            (2, 2, "COCK"), (3, 2, "HEN"), (5, 2, "HEN"), (6, 2, "HEN"), (7, 2, "HEN"),
        ]  # fmt: skip
        gone = world.query(Bird, tick=2, active=False).to_pylist()
        assert [(r["entity_id"], r["bird__age"]) for r in gone] == [(1, 3)]
        assert world.query(Nest)["nest__eggs"].to_pylist() == [3]


def test_an_order_is_what_it_is_asked_to_be() -> None:
    """By a column: the first to come takes all there is."""

    def take(me: int, my: Any, purse: np.ndarray, _chance: object) -> None:  # noqa: ANN401 - as above
        my.eggs[me] += purse[0]
        purse[0] = 0

    def richest(my: Any) -> np.ndarray:  # noqa: ANN401 - as above
        return np.argsort(-my.eggs)

    for order, expected in (("entity", [11, 5, 3]), (richest, [1, 15, 3])):

        @turns(take, writes=(Nest,), order=order, compiled=False)
        def share(_my: object) -> np.ndarray:
            return np.array([10])

        with World(components=[Nest], processors=[share]) as world:
            world.spawn_batch({"nest__eggs": [1, 5, 3]})
            world.run(2)
            assert world.query(Nest)["nest__eggs"].to_pylist() == expected


def test_random_order_differs_by_tick_and_is_the_same_for_a_seed() -> None:
    """The rows that go first, tick by tick, are one function of the seed."""

    def note(me: int, my: Any, turn: np.ndarray, _chance: object) -> None:  # noqa: ANN401 - as above
        my.eggs[me] = turn[0]
        turn[0] += 1

    @turns(note, writes=(Nest,), compiled=False)
    def line(_my: object) -> np.ndarray:
        return np.zeros(1, np.int64)

    def orders(seed: int) -> list[list[int]]:
        with World(components=[Nest], processors=[line], seed=seed) as world:
            world.spawn_batch(20, [Nest])
            world.run(3)
            return [world.query(Nest, tick=t)["nest__eggs"].to_pylist() for t in (2, 3)]

    first, second = orders(1)
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second
    assert orders(1) == [first, second] != orders(2)


def test_columns_that_turns_do_not_change_are_the_same_objects() -> None:
    """Nothing is stored again for a column nobody wrote into."""

    def age(me: int, my: Any, _nothing: object, _chance: object) -> None:  # noqa: ANN401 - as above
        my.age[me] += 1

    @turns(age, writes=(Bird,), compiled=False)
    def ageing(_my: object) -> None:
        return None

    with World(components=[Bird], processors=[ageing]) as world:
        world.spawn(Bird(1, Sex.HEN))
        world.step()
        before = world.tables["bird",].columns
        world.step()
        after = world.tables["bird",].columns
        assert after["bird__sex"] is before["bird__sex"]
        assert (before["bird__age"].tolist(), after["bird__age"].tolist()) == ([1], [2])


def test_impossible_turns_are_refused() -> None:
    """Unknown orders, and a field whose name turns use themselves."""
    with pytest.raises(ActivationError, match="random"):
        turns(year, order="backwards")

    @component
    class Pulse:
        alive: bool = True

    @turns(lambda *_: None, writes=(Pulse,), compiled=False)
    def beat(_my: object) -> int:
        return 0

    with World(components=[Pulse], processors=[beat]) as world:
        world.spawn(Pulse())
        with pytest.raises(ProcessorFailedError, match="alive hides"):
            world.step()
