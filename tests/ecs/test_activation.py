"""Activation: one entity after the other, compiled or plain, with the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from codeanatomy.ecs import World
from codeanatomy.ecs.activation import can_compile, in_turn, ordered_by, random_order
from codeanatomy.ecs.components import component
from codeanatomy.ecs.errors import ActivationError
from codeanatomy.ecs.processors import processor
from codeanatomy.ecs.space import Continuous, Grid, Surroundings, inside, move, moved, near

if TYPE_CHECKING:
    from codeanatomy.ecs import Columns, Visit
    from codeanatomy.ecs.space import Occupancy

NUMBA = pytest.param(
    True,
    marks=pytest.mark.skipif(not can_compile(), reason="numba is not installed: pip install numba"),
)


@component
class Wealth:
    """Coins."""

    coins: int


def give_one(me: int, coins: np.ndarray, chance: np.random.Generator) -> None:
    """Give a coin to somebody, if there is one to give."""
    if coins[me] > 0 and chance.random() < 0.9:
        coins[me] -= 1
        coins[chance.integers(0, len(coins))] += 1


def crowd(me: int, held: Occupancy, met: np.ndarray, chance: np.random.Generator) -> None:
    """Go to a random cell and count who is there."""
    move(held, me, int(chance.integers(0, len(held.first))))
    for other in inside(held, held.cell[me]):
        met[me] += other != me


def flee(me: int, air: Surroundings) -> None:
    """Go away from everybody near."""
    x, y = air.x[me], air.y[me]
    _, dx, dy, distance = near(air, me)
    for place in range(len(dx)):
        x -= 0.1 * dx[place] / (distance[place] + 1)
        y -= 0.1 * dy[place] / (distance[place] + 1)
    moved(air, me, x, y)


@pytest.mark.parametrize("compiled", [False, NUMBA])
def test_each_sees_what_those_before_it_did(compiled: bool) -> None:  # noqa: FBT001 - parametrized
    """A coin handed on along the order arrives at its end, and only in that order."""

    def hand_on(me: int, coins: np.ndarray) -> None:
        coins[(me + 1) % len(coins)] += coins[me]
        coins[me] = 0

    coins = np.array([1, 0, 0, 0])
    in_turn(hand_on, np.arange(3), coins, compiled=compiled)
    assert coins.tolist() == [0, 0, 0, 1]
    coins = np.array([1, 0, 0, 0])
    in_turn(hand_on, np.arange(3)[::-1], coins, compiled=compiled)
    assert coins.tolist() == [0, 1, 0, 0]


@pytest.mark.skipif(not can_compile(), reason="numba is not installed: pip install numba")
def test_compiled_turns_give_the_numbers_of_plain_ones() -> None:
    """Draws, moves in cells and neighbours in space: equal arrays from both."""
    results = []
    for compiled in (False, True):
        chance = np.random.default_rng(7)
        order = random_order(chance, 60)
        coins = np.full(60, 2)
        in_turn(give_one, order, coins, chance, compiled=compiled)
        held, met = Grid(3, 3).occupy(np.arange(60) % 9), np.zeros(60, np.int64)
        in_turn(crowd, order, held, met, chance, compiled=compiled)
        x, y = chance.random(60) * 20, chance.random(60) * 10
        for torus in (True, False):
            air = Surroundings.of(Continuous((20.0, 10.0), torus), x, y, 3.0)
            in_turn(flee, order, air, compiled=compiled)
        results.append((coins, met, held.cell, x, y))
    for plain, made in zip(*results, strict=True):
        assert np.array_equal(plain, made)
    assert results[0][0].sum() == 120
    assert results[0][1].sum() > 0


def test_near_finds_who_is_near_while_they_move() -> None:
    """After any moves, `near` says what the space says of all pairs."""
    chance = np.random.default_rng(5)
    for torus, radius in ((True, 2.0), (False, 2.0), (True, 7.0), (True, 40.0)):
        space = Continuous((12.0, 9.0), torus)
        x, y = chance.random(50) * 12, chance.random(50) * 9
        air = Surroundings.of(space, x, y, radius)
        for me in range(50):
            moved(air, me, x[me] + chance.normal(), y[me] + chance.normal())
        pairs = space.pairs(space.points(x, y), radius)
        for me in range(50):
            rows, _, _, distances = near(air, me)
            found = dict(zip(rows.tolist(), distances.tolist(), strict=True))
            seen = pairs.row == me
            assert set(found) == set(pairs.other[seen].tolist())
            for other, far in zip(pairs.other[seen], pairs.distance[seen], strict=True):
                assert found[other] == pytest.approx(far)


def test_orders() -> None:
    """A random order is a permutation; keys order with ties as the rows stand."""
    order = random_order(np.random.default_rng(1), 100)
    assert sorted(order.tolist()) == list(range(100))
    assert order.tolist() != list(range(100))
    ages = np.array([3, 1, 3, 2])
    assert ordered_by(ages).tolist() == [1, 3, 0, 2]
    assert ordered_by(ages, descending=True).tolist() == [0, 2, 3, 1]
    assert ordered_by(ages, np.array([9, 0, 1, 0])).tolist() == [1, 3, 2, 0]


def test_turns_inside_a_world_are_repeatable() -> None:
    """Two worlds of one seed make the same ticks; another seed does not."""

    @processor(writes=(Wealth,))
    def trade(cols: Columns, visit: Visit) -> dict[str, np.ndarray]:
        coins = cols.wealth__coins.copy()
        in_turn(give_one, random_order(visit.chance, cols.rows), coins, visit.chance)
        return {"wealth__coins": coins}

    def final(seed: int) -> list[int]:
        with World(components=[Wealth], processors=[trade], seed=seed) as world:
            world.spawn_batch({"wealth__coins": np.full(50, 3)})
            world.run(4)
            (table,) = world.tables.values()
            found: list[int] = table.columns["wealth__coins"].tolist()
        return found

    assert final(1) == final(1)
    assert final(1) != final(2)
    assert sum(final(1)) == 150


@pytest.mark.parametrize(
    ("turn", "order"),
    [(3, [0]), (give_one, [[0, 1]]), (give_one, [0.5])],
    ids=["no turn", "a table", "halves"],
)
def test_what_is_no_turn_and_no_order_is_refused(turn: object, order: object) -> None:
    """A thing that cannot be called and an order of no rows are named errors."""
    with pytest.raises(ActivationError):
        in_turn(turn, np.array(order), np.zeros(2))  # type: ignore[arg-type] # wrong on purpose
    with pytest.raises(ActivationError, match="at least one"):
        ordered_by()
