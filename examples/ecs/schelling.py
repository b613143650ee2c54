"""Schelling's segregation: whoever has too few alike around moves to an empty place.

    python examples/ecs/schelling.py [small|large]

The declaration asks for random sequential activation: each sees where those before it went, so
the residents take turns (compiled when numba is installed). Small: 40 x 40, 1,000 residents,
radius 1, at least 3 alike. Large: 100 x 100, 8,000, radius 2, at least 8. 20 ticks.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from codeanatomy.ecs import Grid, World, component, turns
from codeanatomy.ecs.space import around, move, random_empty

if TYPE_CHECKING:
    from codeanatomy.ecs.space import Occupancy

SIZES = {"small": (40, 1000, 1, 3), "large": (100, 8000, 2, 8)}


@component
class Resident:
    """Somebody of a group who lives in a cell."""

    cell: int
    group: int
    happy: bool = False


def settle(me, my, town, wanted, chance):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 - arrays, compiled by their types
    """Stay among enough alike, or go to a random empty cell."""
    alike = 0
    for other in around(town, me):
        alike += my.group[other] == my.group[me]
    my.happy[me] = alike >= wanted
    if not my.happy[me]:
        move(town, me, random_empty(town, chance))


def build(size: str = "small", seed: int = 1, uri: str = "memory:?keep=1") -> World:
    """Make the town and let everybody in."""
    side, residents, radius, wanted = SIZES[size]
    grid = Grid(side, side, torus=False)

    @turns(settle, writes=(Resident,))
    def town(my: Resident) -> tuple[Occupancy, int]:
        return grid.occupy(my.cell, radius), wanted

    world = World(uri, components=[Resident], processors=[town], seed=seed)
    cell = np.random.default_rng(seed).permutation(grid.cells)[:residents]
    world.spawn_batch({"resident__cell": cell, "resident__group": np.arange(residents) % 2})
    return world


def facts(world: World) -> dict[str, float]:
    """Say how many are happy and that nobody shares a cell."""
    columns = world.tables["resident",].columns
    happy = columns["resident__happy"].sum()
    cells = len(np.unique(columns["resident__cell"]))
    return {"residents": len(columns["resident__cell"]), "cells": cells, "happy": int(happy)}


def main(size: str = "small") -> None:
    """Move for 20 ticks."""
    with build(size) as world:
        for ticks in (1, 1, 19):
            world.run(ticks)
            print(f"tick {world.tick}:", facts(world))


if __name__ == "__main__":
    main(*sys.argv[1:2])
