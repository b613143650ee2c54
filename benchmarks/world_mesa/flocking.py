"""Flocking in Mesa: birds in a continuous space, activated at random."""

# ruff: noqa: ANN001, ANN201, ANN204 - a model as people write it for Mesa

from __future__ import annotations

import mesa
import numpy as np
from mesa.experimental.continuous_space import ContinuousSpace, ContinuousSpaceAgent

SIZES = {"small": (200, 100.0, 5.0), "large": (400, 150.0, 15.0)}
COHERE, SEPARATE, MATCH, APART, SPEED = 0.03, 0.015, 0.05, 1.0, 1.0


class Bird(ContinuousSpaceAgent):
    """Where a bird is and the direction it flies in."""

    def __init__(self, model, position, direction):
        super().__init__(model.space, model)
        self.position = position
        self.direction = direction

    def fly(self):
        """Turn by what is near, and go on."""
        others, distances = self.get_neighbors_in_radius(self.model.radius)
        if others:
            ways = self.space.calculate_difference_vector(self.position, others)
            cohere = ways.sum(axis=0) * COHERE
            separate = ways[distances < APART].sum(axis=0) * SEPARATE
            match = np.sum([other.direction for other in others], axis=0) * MATCH
            self.direction = self.direction + (cohere - separate + match) / len(others)
            self.direction /= np.linalg.norm(self.direction)
        self.position = self.position + self.direction * SPEED


class Flock(mesa.Model):
    """Birds anywhere and in any direction."""

    def __init__(self, size="small", seed=1):
        super().__init__(seed=seed)
        birds, side, self.radius = SIZES[size]
        self.space = ContinuousSpace(
            [[0, side], [0, side]], torus=True, random=self.random, n_agents=birds
        )
        scale = [[side], [side], [2 * np.pi]]
        x, y, angle = np.random.default_rng(seed).random((3, birds)) * scale
        for place, turn in zip(np.column_stack([x, y]), angle, strict=True):
            Bird(self, place, np.array([np.cos(turn), np.sin(turn)]))

    def step(self):
        """Let every bird take a turn, in random order."""
        self.agents.shuffle_do("fly")


def facts(model):
    """Say how much the birds fly in one direction."""
    mean = np.mean([bird.direction for bird in model.agents], axis=0)
    return {"birds": len(model.agents), "order": round(float(np.hypot(*mean)), 3)}
