"""Wolves, sheep and grass (Wilensky 1997): births and deaths, one animal after the other.

    python examples/ecs/wolf_sheep.py [small|large]

The declaration asks for random sequential activation over all animals, so they take turns
(compiled when numba is installed). Small: 60 sheep, 40 wolves, 25 x 25; large: 1,000, 500,
100 x 100; a torus; 100 ticks. Sheep gain 5 from grass, wolves 13 from a sheep; grass grows
again in 20 (10) ticks; sheep multiply with chance 0.2 (0.4), wolves with 0.1 (0.2).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from codeanatomy.ecs import Grid, World, component, turns
from codeanatomy.ecs.space import inside, leave, wander

if TYPE_CHECKING:
    from codeanatomy.ecs.space import Occupancy

SIZES = {"small": (60, 40, 25, 20, (0.2, 0.1)), "large": (1000, 500, 100, 10, (0.4, 0.2))}
SHEEP, WOLF, GAIN = 0, 1, (5.0, 13.0)


@component
class Animal:
    """A sheep or a wolf in a cell."""

    species: int
    cell: int
    energy: float


@component
class Grass:
    """The ticks until a cell is green again; the rows are the cells."""

    wait: int


def live(me, my, grass, meadow, regrowth, often, chance):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 - arrays, compiled by their types
    """Go somewhere, eat what is there, die or multiply."""
    cell = wander(meadow, me, chance)
    my.energy[me] -= 1
    if my.species[me] == SHEEP and grass.wait[cell] == 0:
        my.energy[me] += GAIN[SHEEP]
        grass.wait[cell] = regrowth
    elif my.species[me] == WOLF:
        for other in inside(meadow, cell):
            if my.species[other] == SHEEP:
                my.energy[me] += GAIN[WOLF]
                my.alive[other] = False
                leave(meadow, other)
                break
    if my.energy[me] < 0:
        my.alive[me] = False
        leave(meadow, me)
    elif chance.random() < often[my.species[me]]:
        my.energy[me] /= 2
        my.born[me] += 1


def build(size: str = "small", seed: int = 1, uri: str = "memory:?keep=1") -> World:
    """Make the meadow with everybody on it."""
    sheep, wolves, side, regrowth, often = SIZES[size]
    grid = Grid(side, side)

    @turns(live, archetypes=[(Animal,), (Grass,)], writes=(Animal, Grass))
    def day(my: Animal, grass: Grass) -> tuple[Occupancy, int, tuple[float, float]]:
        np.maximum(grass.wait - 1, 0, out=grass.wait)
        return grid.occupy(my.cell), regrowth, often

    world = World(uri, components=[Animal, Grass], processors=[day], seed=seed)
    chance = np.random.default_rng(seed)
    species = np.repeat([SHEEP, WOLF], [sheep, wolves])
    energy = chance.random(len(species)) * 2 * np.array(GAIN)[species]
    cell = chance.integers(0, grid.cells, len(species))
    world.spawn_batch({"animal__species": species, "animal__cell": cell, "animal__energy": energy})
    wait = chance.integers(1, regrowth + 1, grid.cells) * chance.integers(0, 2, grid.cells)
    world.spawn_batch({"grass__wait": wait})
    return world


def facts(world: World) -> dict[str, int]:
    """Count sheep, wolves and green cells."""
    animals = world.tables.get(("animal",))
    count = np.bincount(animals.columns["animal__species"], minlength=2) if animals else (0, 0)
    green = (world.tables["grass",].columns["grass__wait"] == 0).sum()
    return {"sheep": int(count[SHEEP]), "wolves": int(count[WOLF]), "green": int(green)}


def main(size: str = "small") -> None:
    """Live for 100 ticks."""
    with build(size) as world:
        world.run(1)
        print("tick 1:", facts(world))
        for _ in range(4):
            world.run(25)
            print(f"tick {world.tick}:", facts(world))


if __name__ == "__main__":
    main(*sys.argv[1:2])
