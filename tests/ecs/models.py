"""Models that tests run in other processes: a walk, and one that fails on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codeanatomy.ecs import World
from codeanatomy.ecs.components import component
from codeanatomy.ecs.processors import processor

if TYPE_CHECKING:
    from codeanatomy.ecs import Columns, Visit


@component
class Walker:
    """Somebody on a line."""

    place: float = 0.0
    home: bool = False


@component
class Arrived:
    """A tag for those that are there."""


@processor(writes=(Walker,))
def walk(cols: Columns, visit: Visit) -> dict[str, np.ndarray]:
    """Go a random step; whoever is past the goal is home."""
    place = cols.walker__place + visit.chance.random(cols.rows) * float(
        str(visit.resources["speed"])
    )
    home = place >= 10
    visit.commands.add(cols.entity_id[home & ~cols.walker__home], Arrived())
    return {"walker__place": place, "walker__home": home}


def walkers(seed: int, walkers: int = 5, speed: float = 1.0) -> World:
    """Make a world of walkers."""
    if speed < 0:
        raise ValueError("nobody walks backwards")
    world = World(components=[Walker, Arrived], processors=[walk], seed=seed)
    world.resources["speed"] = speed
    world.spawn_batch({"walker__place": np.zeros(walkers)})
    return world


def furthest(world: World) -> float:
    """Give the place of whoever is furthest."""
    return max(float(t.columns["walker__place"].max()) for t in world.tables.values())
