"""Time travel: read any tick, reopen the world tomorrow, go back and take another way."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from codeanatomy.ecs import World, component, processor

if TYPE_CHECKING:
    import numpy as np

    from codeanatomy.ecs import Columns, Visit


@component
class Savings:
    """Money that grows."""

    amount: float


@processor(writes=(Savings,))
def interest(cols: Columns, visit: Visit) -> dict[str, np.ndarray]:
    """Add what the bank pays this year."""
    return {"savings__amount": cols.savings__amount * (1 + visit.resources["rate"])}


def main() -> None:
    """Save for 10 years; look back; reopen; save otherwise from year 5 on."""
    with tempfile.TemporaryDirectory() as folder:
        address = Path(folder) / "savings"
        with World(address, components=[Savings], processors=[interest]) as world:
            world.resources["rate"] = 0.05
            world.spawn_batch({"savings__amount": [100.0, 200.0]})
            world.run(5)
            world.resources["rate"] = 0.10
            world.run(5)

        with World.open(address, processors=[interest]) as world:
            print(f"reopened at tick {world.tick}, rate {world.resources['rate']}")
            for tick in (1, 5, 10):
                past = world.at(tick)
                amounts = past.query(Savings)["savings__amount"].to_pylist()
                print(
                    f"tick {tick}: rate {past.resources['rate']}, {[round(a, 2) for a in amounts]}"
                )
            branch = world.fork(at_tick=5)
            branch.run(5)
            other = branch.query(Savings)["savings__amount"].to_pylist()
            print("at 0.05 all along:", [round(a, 2) for a in other])
            branch.close()
            replay = world.replay(1, 10)
            print("replayed byte for byte:", replay.same)


if __name__ == "__main__":
    main()
