"""Movement: x += dx, y += dy for a whole population, checked by its closed form and timed.

    python examples/ecs/movement.py --entities 1000 --ticks 300 --json

For n entities at x = i, y = 0 with dx = 1, dy = -0.5, after T ticks sum x = n(n-1)/2 + n(T-1)
and sum y = -0.5 n (T-1): the first tick stores what was spawned, every further one moves it.
`--store` takes any address of a world, `--random` adds a fraction of chance to every x.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time

import numpy as np
import numpy.typing as npt

from codeanatomy.ecs import Columns, Receipt, World, component, processor

Floats = npt.NDArray[np.float64]


@component
class Position:
    """Where an entity is."""

    x: float
    y: float = 0.0


@component
class Velocity:
    """How far it goes in a tick."""

    dx: float = 1.0
    dy: float = -0.5


@processor(reads=(Velocity,), writes=(Position,))
def move(cols: Columns) -> dict[str, Floats]:
    """Go one step, all at once."""
    return {
        "position__x": cols.position__x + cols.velocity__dx,
        "position__y": cols.position__y + cols.velocity__dy,
    }


def main() -> None:
    """Run the check and print what was found."""
    asked = arguments()
    begin = np.arange(asked.entities, dtype=np.float64)
    if asked.random:
        begin += np.random.default_rng(asked.seed).random(asked.entities)
    with tempfile.TemporaryDirectory() as folder:
        told = measured(asked, begin, asked.store or f"log:{folder}/world")
    if asked.json:
        print(json.dumps(told))
    else:
        for name, value in told.items():
            print(f"{name:16} {value}")


def measured(asked: argparse.Namespace, begin: Floats, store: str) -> dict[str, object]:
    """Move in a store, in memory and in plain numpy; compare with what must come out."""
    n, ticks = asked.entities, asked.ticks
    with World(store, processors=[move], durability=asked.durability, seed=asked.seed) as world:
        tick_ms, receipts = moved(world, begin, ticks)
        past = (world.backend.read(tick) for tick in range(1, ticks + 1))
        rows = sum(len(table) for tables in past for table in tables.values())
        started = time.perf_counter()
        found = world.query(Position, tick=ticks)
        sums = {axis: float(found[f"position__{axis}"].to_numpy().sum()) for axis in ("x", "y")}
        queried = time.perf_counter() - started
    with World("memory:?keep=2", processors=[move]) as world:
        memory_ms, _ = moved(world, begin, ticks)
    expected = {"x": float(begin.sum()) + n * (ticks - 1), "y": -0.5 * n * (ticks - 1)}
    errors = {axis: abs(sums[axis] - expected[axis]) for axis in sums}
    fits = all(errors[axis] <= 1e-9 * max(1.0, abs(expected[axis])) for axis in errors)
    return {
        "backend": store.partition(":")[0],
        "entities": n,
        "ticks": ticks,
        "rows": rows,
        "rows_expected": n * ticks,
        "rows_match": rows == n * ticks,
        "sum_x": sums["x"],
        "sum_y": sums["y"],
        "sum_x_expected": expected["x"],
        "sum_y_expected": expected["y"],
        "sum_x_error": errors["x"],
        "sum_y_error": errors["y"],
        "correct": rows == n * ticks and fits,
        "phases": {**phases(receipts), "query": queried},
        "durability": asked.durability,
        "tick_ms": tick_ms,
        "memory_tick_ms": memory_ms,
        "numpy_ms": plain_numpy(begin, ticks),
    }


def moved(world: World, begin: Floats, ticks: int) -> tuple[float, list[Receipt]]:
    """Spawn and tick; give the milliseconds of a tick that moves, all of them made durable."""
    world.spawn_batch({"position__x": begin}, components=[Position, Velocity])
    receipts = [world.step()]
    started = time.perf_counter()
    receipts += world.run(ticks - 1)
    world.flush()
    return (time.perf_counter() - started) * 1e3 / max(ticks - 1, 1), receipts


def phases(receipts: list[Receipt]) -> dict[str, float]:
    """Add up the seconds of each phase; `read` is taking the prior rows and the commands due."""
    names = {"read": "pre_tick", "process": "process", "apply": "apply", "commit": "commit"}
    return {
        told: sum(receipt.timings[name] for receipt in receipts) for told, name in names.items()
    }


def plain_numpy(begin: Floats, ticks: int) -> float:
    """Give the milliseconds of the same movement in plain numpy, with fresh arrays."""
    x, y = begin.copy(), np.zeros(len(begin))
    dx, dy = np.ones(len(begin)), np.full(len(begin), -0.5)
    started = time.perf_counter()
    for _ in range(ticks - 1):
        x, y = x + dx, y + dy
    return (time.perf_counter() - started) * 1e3 / max(ticks - 1, 1)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--entities", type=int, default=1000)
    parser.add_argument("--ticks", type=int, default=300)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--store", help="where the world lives (a log in a temporary folder)")
    parser.add_argument("--durability", default="tick", help="tick, every 16 ticks, end, ...")
    parser.add_argument("--random", action="store_true", help="values that do not compress")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    if asked.entities < 0 or asked.ticks < 1:
        parser.error("entities from 0, ticks from 1")
    return asked


if __name__ == "__main__":
    main()
