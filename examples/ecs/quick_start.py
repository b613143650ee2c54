"""Quick start: rabbits that hop, eat and tire; then questions about every tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.ecs import World, component, processor

if TYPE_CHECKING:
    import numpy as np

    from codeanatomy.ecs import Columns, Visit


@component
class Position:
    """Where something is."""

    x: float
    y: float = 0.0


@component
class Energy:
    """What is left, in carrots."""

    value: float = 5.0


@processor(writes=(Position, Energy))
def hop(cols: Columns, visit: Visit) -> dict[str, np.ndarray]:
    """Everybody hops somewhere, which costs half a carrot."""
    way = visit.chance.normal(size=(2, cols.rows))
    return {
        "position__x": cols.position__x + way[0],
        "position__y": cols.position__y + way[1],
        "energy__value": cols.energy__value - 0.5,
    }


@processor(reads=(Energy,), priority=1)
def tire(cols: Columns, visit: Visit) -> None:
    """Who has nothing left goes."""
    visit.commands.despawn(cols.entity_id[cols.energy__value <= 0])


def main() -> None:
    """Make a world, let it run, and ask."""
    with World(components=[Position, Energy], processors=[hop, tire], seed=7) as world:
        world.spawn(Position(0, 0), Energy(2))
        world.spawn_batch({"position__x": [1.0, 2.0, 3.0]}, [Position, Energy])
        for _ in range(12):
            receipt = world.step()
            if receipt.despawned:
                print(f"tick {receipt.tick}: {receipt.despawned} gone, {world.population} left")
        print("energy at tick 3:", world.query(Energy, tick=3)["energy__value"].to_pylist())
        found = world.sql("select tick, count(*) as n from energy group by tick order by tick")
        print("population:", found["n"].to_pylist())
        print("the same again:", world.replay().same)


if __name__ == "__main__":
    main()
