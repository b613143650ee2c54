"""The forest fire in Mesa: trees in cells, the burning ones set their neighbours on fire."""

# ruff: noqa: ANN001, ANN201, ANN204 - a model as people write it for Mesa

from __future__ import annotations

import mesa
import numpy as np
from mesa.discrete_space import FixedAgent, OrthogonalMooreGrid

SIZES = {"small": 100, "large": 500}


class Tree(FixedAgent):
    """A tree in a cell, fine, burning or burnt."""

    def __init__(self, model, cell, state):
        super().__init__(model)
        self.cell = cell
        self.state = state

    def spread(self):
        """Set fine neighbours on fire, and be burnt."""
        for tree in self.cell.neighborhood.agents:
            if tree.state == "fine":
                tree.state = "burning"
        self.state = "burnt"


class Forest(mesa.Model):
    """A forest whose first column burns."""

    def __init__(self, size="small", seed=1):
        super().__init__(seed=seed)
        side = SIZES[size]
        self.grid = OrthogonalMooreGrid((side, side), torus=False, random=self.random)
        trees = np.random.default_rng(seed).random(side * side) < 0.7
        for place in np.flatnonzero(trees).tolist():
            y, x = divmod(place, side)
            Tree(self, self.grid[x, y], "burning" if x == 0 else "fine")

    def step(self):
        """Let every tree that burns now spread the fire."""
        self.agents.select(lambda tree: tree.state == "burning").do("spread")


def facts(model):
    """Count the trees by their state."""
    states = [tree.state for tree in model.agents]
    return {state: states.count(state) for state in ("fine", "burning", "burnt")}
