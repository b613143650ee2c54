"""An epidemic on a small world: susceptible, infected, recovered; a plot, a rollout, a sweep.

    python examples/ecs/epidemic.py [plot.svg]

SIR (Kermack and McKendrick 1927) among 3,000 people with 8 friends each; everybody acts at once.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from codeanatomy.ecs import Network, World, component, processor, sweep

if TYPE_CHECKING:
    from codeanatomy.ecs import Columns, Visit

PEOPLE, RECOVERY = 3000, 0.1


@component
class Health:
    """Exactly one of the three is true."""

    susceptible: bool = True
    infected: bool = False
    recovered: bool = False


def build(seed: int = 1, contagion: float = 0.04, shortcuts: float = 0.1) -> World:
    """Make a town in which ten people are ill."""
    chance = np.random.default_rng(seed)
    network = Network.small_world(PEOPLE, 8, shortcuts, chance)

    @processor(writes=(Health,))
    def spread(cols: Columns, visit: Visit) -> dict[str, np.ndarray]:
        draw = visit.draws(2)
        risk = 1 - (1 - contagion) ** network.sum_around(cols.health__infected)
        caught = cols.health__susceptible & (draw[:, 0] < risk)
        better = cols.health__infected & (draw[:, 1] < RECOVERY)
        return {
            "health__susceptible": cols.health__susceptible & ~caught,
            "health__infected": cols.health__infected & ~better | caught,
            "health__recovered": cols.health__recovered | better,
        }

    world = World(components=[Health], processors=[spread], seed=seed)
    ill = np.isin(np.arange(PEOPLE), chance.permutation(PEOPLE)[:10])
    world.spawn_batch({"health__susceptible": ~ill, "health__infected": ill})
    return world


def infected(world: World) -> int:
    """Count who is infected."""
    return int(world.tables["health",].columns["health__infected"].sum())


def escaped(world: World) -> float:
    """Give the share of people who never caught it."""
    return round(float(world.tables["health",].columns["health__susceptible"].mean()), 3)


def over(world: World) -> bool:
    """Say whether nobody is infected any more."""
    return infected(world) == 0


def main(plot: str = "") -> None:
    """Let it pass, plot it, and ask how it depends on chance and on contagion."""
    with build() as world:
        world.run(5)
        rolled = world.rollout(5, over, measure={"escaped": escaped})
        ended = world.episode(over)
        print(f"over after tick {ended.tick}; {escaped(world):.1%} never caught it")
        collected = [int(n) for n in world.sql(
            "select sum(case when health__infected then 1 else 0 end) as n "
            "from health group by tick order by tick")["n"].to_pylist()]  # fmt: skip
        print(f"most infected: {max(collected)}, at tick {np.argmax(collected) + 1}")
        chart = world.plot(
            "avg(health__susceptible)", "avg(health__infected)", "avg(health__recovered)",
            title="an epidemic: shares of people by tick",
        )  # fmt: skip
        print(chart.save(plot) if plot else chart)
    for row in rolled.statistics().to_pylist():
        print(f"5 futures: {row['measure']} {row['min']:g} to {row['max']:g}")
    table = sweep(
        build,
        {"contagion": [0.01, 0.02, 0.04]},
        seeds=[1, 2],
        until=over,
        measure={"escaped": escaped},
        processes=2,
    )
    for row in table.to_pylist():
        print(f"contagion {row['contagion']}, seed {row['seed']}: {row['escaped']:.1%} escaped")


if __name__ == "__main__":
    main(*sys.argv[1:2])
