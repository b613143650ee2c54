"""Forest fire on a grid: trees next to a burning tree burn next; all at once, as columns.

    python examples/ecs/forest_fire.py [small|large]

A cellular automaton (density 0.7, Moore neighbourhood, no torus): what burns in a tick depends
only on the tick before, so every tree acts at once. Small 100 x 100, large 500 x 500, 100 ticks.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from codeanatomy.ecs import Grid, World, component, processor

if TYPE_CHECKING:
    from codeanatomy.ecs import Columns

SIZES = {"small": 100, "large": 500}
FINE, BURNING, BURNT = 0, 1, 2
DENSITY = 0.7


@component
class Tree:
    """A tree in a cell, fine, burning or burnt."""

    cell: int
    state: np.int8


def build(size: str = "small", seed: int = 1, uri: str = "memory:?keep=1") -> World:
    """Make the forest; the trees of the first column burn."""
    grid = Grid(SIZES[size], SIZES[size], torus=False)

    @processor(writes=(Tree,))
    def burn(cols: Columns) -> dict[str, np.ndarray]:
        burning = np.zeros(grid.cells, np.bool_)
        burning[cols.tree__cell[cols.tree__state == BURNING]] = True
        state = np.minimum(cols.tree__state * np.int8(2), np.int8(BURNT))
        state[(state == FINE) & grid.any_around(burning)[cols.tree__cell]] = BURNING
        return {"tree__state": state}

    world = World(uri, components=[Tree], processors=[burn], seed=seed)
    cell = np.flatnonzero(np.random.default_rng(seed).random(grid.cells) < DENSITY)
    first = cell % grid.width == 0
    world.spawn_batch({"tree__cell": cell, "tree__state": np.where(first, BURNING, FINE)})
    return world


def facts(world: World) -> dict[str, int]:
    """Count the trees by their state."""
    state = world.tables["tree",].columns["tree__state"]
    count = np.bincount(state, minlength=3).tolist()
    return {"fine": count[FINE], "burning": count[BURNING], "burnt": count[BURNT]}


def main(size: str = "small") -> None:
    """Burn for 100 ticks."""
    with build(size) as world:
        world.run(1)
        print("tick 1:", facts(world))
        world.run(100)
        print(f"tick {world.tick}:", facts(world))


if __name__ == "__main__":
    main(*sys.argv[1:2])
