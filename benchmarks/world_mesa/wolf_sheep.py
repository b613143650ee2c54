"""Wolves, sheep and grass in Mesa: animals in cells activated at random, grass as a layer."""

# ruff: noqa: ANN001, ANN201, ANN204 - a model as people write it for Mesa

from __future__ import annotations

import mesa
import numpy as np
from mesa.discrete_space import CellAgent, OrthogonalMooreGrid

SIZES = {"small": (60, 40, 25, 20, (0.2, 0.1)), "large": (1000, 500, 100, 10, (0.4, 0.2))}


class Animal(CellAgent):
    """What moves, eats, dies and multiplies."""

    gain = 0.0
    often = 0

    def __init__(self, model, cell, energy):
        super().__init__(model)
        self.cell = cell
        self.energy = energy

    def feed(self):
        """Eat what is there."""

    def live(self):
        """Go somewhere, eat, die or multiply."""
        if self.cell is None:
            return
        self.cell = self.cell.neighborhood.select_random_cell()
        self.energy -= 1
        self.feed()
        if self.energy < 0:
            self.remove()
        elif self.random.random() < self.model.often[self.often]:
            self.energy /= 2
            type(self)(self.model, self.cell, self.energy)


class Sheep(Animal):
    """Eats grass."""

    gain = 5.0
    often = 0

    def feed(self):
        """Eat the grass if it is green."""
        if self.model.wait[self.cell.coordinate] == 0:
            self.energy += self.gain
            self.model.wait[self.cell.coordinate] = self.model.regrowth


class Wolf(Animal):
    """Eats sheep."""

    gain = 13.0
    often = 1

    def feed(self):
        """Eat one sheep."""
        sheep = next((other for other in self.cell.agents if isinstance(other, Sheep)), None)
        if sheep is not None:
            self.energy += self.gain
            sheep.remove()


class Meadow(mesa.Model):
    """A meadow with everybody on it."""

    def __init__(self, size="small", seed=1):
        super().__init__(seed=seed)
        sheep, wolves, side, self.regrowth, self.often = SIZES[size]
        self.grid = OrthogonalMooreGrid((side, side), torus=True, random=self.random)
        for kind, count in ((Sheep, sheep), (Wolf, wolves)):
            for _ in range(count):
                cell = self.grid.all_cells.select_random_cell()
                kind(self, cell, self.random.random() * 2 * kind.gain)
        grown = self.rng.random((side, side)) < 0.5
        self.wait = np.where(grown, 0, self.rng.integers(1, self.regrowth + 1, (side, side)))

    def step(self):
        """Let grass grow and everybody take a turn, in random order."""
        self.wait = np.maximum(self.wait - 1, 0)
        self.agents.shuffle_do("live")


def facts(model):
    """Count sheep, wolves and green cells."""
    sheep, wolves = (len(model.agents_by_type.get(kind, ())) for kind in (Sheep, Wolf))
    return {"sheep": sheep, "wolves": wolves, "green": int((model.wait == 0).sum())}
