"""Fork a counterfactual: one town before a flu, three branches that do different things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codeanatomy.ecs import Network, World, component, processor

if TYPE_CHECKING:
    from codeanatomy.ecs import Columns, Visit

PEOPLE, FIRST_ILL, RECOVERY = 2000, 5, 0.2
FRIENDS = Network.small_world(PEOPLE, 8, 0.1, np.random.default_rng(1))
WELL, ILL, IMMUNE = 0, 1, 2


@component
class Person:
    """Somebody who is well, ill or immune; the rows are the nodes of the network."""

    state: int = WELL


@processor(writes=(Person,))
def infect(cols: Columns, visit: Visit) -> dict[str, np.ndarray]:
    """Catch it from friends; get better after five ticks or so."""
    state, draw = cols.person__state, visit.draws(2)
    risk = 1 - (1 - visit.resources["contagion"]) ** FRIENDS.sum_around(state == ILL)
    caught = (state == WELL) & (draw[:, 0] < risk)
    better = (state == ILL) & (draw[:, 1] < RECOVERY)
    return {"person__state": np.where(caught, ILL, np.where(better, IMMUNE, state))}


def main() -> None:
    """Run to tick 10, branch, and compare at tick 60; all branches draw the same numbers."""
    with World(components=[Person], processors=[infect], seed=4) as world:
        world.resources["contagion"] = 0.08
        ids = world.spawn_batch(
            {"person__state": np.where(np.arange(PEOPLE) < FIRST_ILL, ILL, WELL)}
        )
        world.run(10)

        nothing, distance, vaccine = world.fork(), world.fork(), world.fork()
        distance.resources["contagion"] = 0.045
        vaccine.update(ids[::3], {"person__state": IMMUNE})
        for name, branch in (("nothing", nothing), ("distance", distance), ("vaccine", vaccine)):
            branch.run(50)
            ill = branch.sql(
                "select count(distinct entity_id) as n from person where person__state = 1"
            )
            print(f"{name}: {ill['n'][0]} people were ill by tick {branch.tick}")
        for name, branch in (("distance", distance), ("vaccine", vaccine)):
            changed = nothing.diff(branch).columns["person__state"].num_rows
            print(f"nothing against {name}: {changed} people end otherwise")
        for branch in (nothing, distance, vaccine):
            branch.close()
        print("the town itself is still at tick", world.tick)


if __name__ == "__main__":
    main()
