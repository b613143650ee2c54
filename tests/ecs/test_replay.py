"""Replay of worlds at random: whatever was done, the recorded commands make the same ticks."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from codeanatomy.ecs.components import component
from codeanatomy.ecs.errors import TickFailedError
from codeanatomy.ecs.processors import processor
from codeanatomy.ecs.replay import replay
from codeanatomy.ecs.world import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from codeanatomy.ecs.visit import Visit


@component
class Place:
    """Where something is."""

    x: float = 0.0


@component
class Food:
    """What something has."""

    amount: int = 3


@component
class Tagged:
    """A tag."""


FAILING: list[int] = []


@processor(reads=(Place,), writes=(Place,))
def wander(columns: Any, visit: Visit) -> dict[str, Any]:  # noqa: ANN401 - the columns of a table
    """Move by chance."""
    return {"place__x": columns.place__x + visit.chance.normal(size=columns.rows)}


@processor(reads=(Food,), priority=3)
def live(columns: Any, visit: Visit) -> None:  # noqa: ANN401 - the columns of a table
    """Do by chance all that a processor can do."""
    if not columns.rows:
        return
    chance, commands, ids = visit.chance, visit.commands, columns.entity_id
    one = int(chance.choice(ids))
    acts: list[Callable[[], object]] = [
        lambda: commands.spawn(Place(1.0), Food(2)),
        lambda: commands.spawn(Food(9), tick=visit.tick + int(chance.integers(1, 4))),
        lambda: commands.spawn_batch(3, (Place,)),
        lambda: commands.spawn(Food(5), entity_id=int(commands.reserve_ids(2)[1])),
        lambda: commands.despawn(one),
        lambda: commands.update(one, Food(int(chance.integers(9)))),
        lambda: commands.add(one, Tagged),
        lambda: commands.remove(one, Food),
        lambda: commands.despawn_where("food__amount < 1"),
        lambda: visit.resources.__setitem__("seen", int(chance.integers(100))),
    ]
    for at in chance.integers(len(acts), size=2):
        acts[at]()
    if FAILING and FAILING[0] == visit.tick:
        FAILING.pop()
        raise RuntimeError("once")


def outside(world: World, chance: random.Random) -> None:
    """Do something from outside the world, before its next tick."""
    ids = [int(one) for table in world.tables.values() for one in table.entity_id] or [1]
    one = chance.choice(ids)
    later = world.tick + chance.randint(1, 4)
    acts: list[Callable[[], object]] = [
        lambda: world.spawn(Place(chance.random()), Food(chance.randint(0, 5))),
        lambda: world.spawn(Place(), Tagged, tick=later),
        lambda: world.spawn_batch({"food__amount": np.arange(chance.randint(1, 4))}),
        lambda: world.reserve_ids(chance.randint(1, 3)),
        lambda: world.spawn(Food(7), entity_id=int(world.reserve_ids(2)[0])),
        lambda: world.despawn([one]),
        lambda: world.update([one], Food(chance.randint(0, 9)), tick=later),
        lambda: world.update_where("food__amount > 2", {"food__amount": 1}),
        lambda: world.add([one], Tagged, priority=chance.randint(-1, 1)),
        lambda: world.remove([one], Food),
        lambda: world.resources.__setitem__("given", chance.randint(0, 9)),
        lambda: world.resources.pop("given", None),
        lambda: world.resources.__setitem__("seen", -1),
    ]
    chance.choice(acts)()


def lived(uri: str, seed: int) -> World:
    """Make a world that has lived through twelve ticks of everything."""
    chance = random.Random(seed)  # noqa: S311 - a test
    known = (Place, Food, Tagged)
    world = World(uri, components=known, processors=(wander, live), seed=seed)
    world.spawn_batch(3, (Place, Food))
    if seed % 3 == 0:
        world.on("pre_tick", lambda inner, tick: inner.spawn(Food(tick)) if tick % 2 else None)
    if seed % 5 == 0:
        world.on("post_tick", lambda inner, _: inner.spawn(Place(2.0)))
    FAILING[:] = [chance.randint(2, 10)] if seed % 2 else []
    for _ in range(12):
        for _ in range(chance.randint(0, 3)):
            outside(world, chance)
        try:
            world.step()
        except TickFailedError:
            world.step()
    return world


@pytest.mark.parametrize("seed", range(40))
def test_replay_in_memory(seed: int) -> None:
    """Every life is the same the second time, from its beginning and from any tick."""
    with lived("memory:", seed) as world:
        assert world.replay().differences == ()
        for tick in range(1, world.tick, 3):
            assert world.replay(tick).differences == ()


@pytest.mark.parametrize("seed", range(100, 106))
@pytest.mark.parametrize("backend", ["log:", "parquet:"])
def test_replay_from_disk(backend: str, seed: int, tmp_path: Path) -> None:
    """A life that was stored, closed and opened is the same the second time."""
    uri = f"{backend}{tmp_path / 'w'}"
    with lived(uri, seed):
        pass
    with World.open(uri, components=(Place, Food, Tagged), processors=(wander, live)) as world:
        assert world.replay().differences == ()
        world.run(3)
        assert replay(world, 10).differences == ()


@pytest.mark.parametrize("seed", range(200, 208))
def test_branches_replay(seed: int) -> None:
    """A branch of any tick replays what it did after it."""
    with lived("memory:", seed) as world:
        for tick in (1, 5, 11):
            branch = world.fork(at_tick=tick, seed=seed + 1)
            branch.spawn(Place(3.0))
            branch.run(4)
            assert branch.replay().differences == ()
