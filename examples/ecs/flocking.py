"""Flocking (boids, Reynolds 1987): birds keep together, apart, and in one direction.

    python examples/ecs/flocking.py [small|large]

The declaration asks for random sequential activation: each bird sees where those before it
have flown, so the birds take turns (compiled when numba is installed). Small: 200 birds in
100 x 100 with radius 5; large: 400 in 150 x 150 with radius 15; a torus; 100 ticks.
"""

from __future__ import annotations

import sys

import numpy as np

from codeanatomy.ecs import Continuous, World, component, turns
from codeanatomy.ecs.space import Surroundings, moved, near

SIZES = {"small": (200, 100.0, 5.0), "large": (400, 150.0, 15.0)}
COHERE, SEPARATE, MATCH, APART, SPEED = 0.03, 0.015, 0.05, 1.0, 1.0


@component
class Bird:
    """Where a bird is and the direction it flies in."""

    x: float
    y: float
    dx: float
    dy: float


def fly(me, my, air, chance):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, ARG001 - arrays, compiled by their types
    """Turn by what is near, and go on."""
    others, to_x, to_y, distance = near(air, me)
    pull = np.where(distance < APART, COHERE - SEPARATE, COHERE)
    seen = max(len(others), 1)
    dx = my.dx[me] + (to_x * pull + my.dx[others] * MATCH).sum() / seen
    dy = my.dy[me] + (to_y * pull + my.dy[others] * MATCH).sum() / seen
    length = max(np.hypot(dx, dy), 1e-12)
    my.dx[me], my.dy[me] = dx / length, dy / length
    moved(air, me, my.x[me] + my.dx[me] * SPEED, my.y[me] + my.dy[me] * SPEED)


def build(size: str = "small", seed: int = 1, uri: str = "memory:?keep=1") -> World:
    """Let birds up, anywhere and in any direction."""
    birds, side, radius = SIZES[size]

    @turns(fly, writes=(Bird,))
    def flock(my: Bird) -> Surroundings:
        return Surroundings.of(Continuous((side, side)), my.x, my.y, radius)

    world = World(uri, components=[Bird], processors=[flock], seed=seed)
    x, y, angle = np.random.default_rng(seed).random((3, birds)) * [[side], [side], [2 * np.pi]]
    dx, dy = np.cos(angle), np.sin(angle)
    world.spawn_batch({"bird__x": x, "bird__y": y, "bird__dx": dx, "bird__dy": dy})
    return world


def facts(world: World) -> dict[str, float]:
    """Say how much the birds fly in one direction: 1 is all in the same, 0 in any."""
    columns = world.tables["bird",].columns
    dx, dy = columns["bird__dx"], columns["bird__dy"]
    return {"birds": len(dx), "order": round(float(np.hypot(dx.mean(), dy.mean())), 3)}


def main(size: str = "small") -> None:
    """Fly for 100 ticks."""
    with build(size) as world:
        for ticks in (1, 100):
            world.run(ticks)
            print(f"tick {world.tick}:", facts(world))


if __name__ == "__main__":
    main(*sys.argv[1:2])
