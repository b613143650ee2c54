"""Schelling's segregation in Mesa: residents in cells that hold one, activated at random."""

# ruff: noqa: ANN001, ANN201, ANN204 - a model as people write it for Mesa

from __future__ import annotations

import mesa
import numpy as np
from mesa.discrete_space import CellAgent, OrthogonalMooreGrid

SIZES = {"small": (40, 1000, 1, 3), "large": (100, 8000, 2, 8)}


class Resident(CellAgent):
    """Somebody of a group who lives in a cell."""

    def __init__(self, model, cell, group):
        super().__init__(model)
        self.cell = cell
        self.group = group
        self.happy = False

    def settle(self):
        """Stay among enough alike, or go to a random empty cell."""
        around = self.cell.get_neighborhood(self.model.radius).agents
        alike = sum(other.group == self.group for other in around)
        self.happy = alike >= self.model.wanted
        if not self.happy:
            self.cell = self.model.grid.select_random_empty_cell()


class Town(mesa.Model):
    """A town with empty places."""

    def __init__(self, size="small", seed=1):
        super().__init__(seed=seed)
        side, residents, self.radius, self.wanted = SIZES[size]
        self.grid = OrthogonalMooreGrid((side, side), torus=False, capacity=1, random=self.random)
        places = np.random.default_rng(seed).permutation(side * side)[:residents].tolist()
        for number, place in enumerate(places):
            y, x = divmod(place, side)
            Resident(self, self.grid[x, y], number % 2)

    def step(self):
        """Let everybody take a turn, in random order."""
        self.agents.shuffle_do("settle")


def facts(model):
    """Say how many are happy and that nobody shares a cell."""
    happy = sum(agent.happy for agent in model.agents)
    cells = len({agent.cell.coordinate for agent in model.agents})
    return {"residents": len(model.agents), "cells": cells, "happy": happy}
