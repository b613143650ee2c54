"""What reading costs: `python -m benchmarks.world_reading [--ticks N] [--entities N]`.

One world in memory and one in a log, with a long history: one tick of it is read at its beginning,
in its middle and at its end, beside a world with a history of ten ticks; then one column as numpy
(no rows are made), the changed rows, one entity over many ticks, SQL over one tick and over
all, forks of small and large worlds, a difference, a replay. Median of several runs, milliseconds.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from codeanatomy.ecs.components import component
from codeanatomy.ecs.processors import processor
from codeanatomy.ecs.world import World

if TYPE_CHECKING:
    from collections.abc import Callable


@component
class Position:
    """Where something is."""

    x: float
    y: float = 0.0


@component
class Velocity:
    """Where it goes, a tick."""

    dx: float
    dy: float


@processor(reads=(Velocity,), writes=(Position,))
def move(columns: Any, visit: Any) -> dict[str, Any]:  # noqa: ANN401 - the columns of a table
    """Move everything."""
    x, y = visit.out("position__x"), visit.out("position__y")
    np.add(columns.position__x, columns.velocity__dx, out=x)
    np.add(columns.position__y, columns.velocity__dy, out=y)
    return {"position__x": x, "position__y": y}


def made(uri: str, entities: int, ticks: int) -> World:
    """Make a world that has run so many ticks."""
    world = World(uri, components=(Position, Velocity), processors=(move,), durability="end")
    world.spawn_batch({"position__x": np.arange(float(entities))}, (Position, Velocity(1.0, -0.5)))
    world.run(ticks)
    world.flush()
    return world


def median(call: Callable[[], object], times: int = 15) -> float:
    """Give the median milliseconds of a call, after one to warm up."""
    call()
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        spent.append((time.perf_counter() - started) * 1e3)
    return round(statistics.median(spent), 4)


def one_tick(uri: str, entities: int, ticks: int) -> dict[str, float]:
    """Read one tick of a history of ten, and of a long one."""
    with made(f"{uri}-short", entities, 10) as short:
        found = {"of 10": median(lambda: short.query(Position, tick=5))}
    with made(f"{uri}-long", entities, ticks) as world:
        for name, tick in (("first", 2), ("middle", ticks // 2), ("last but one", ticks - 1)):
            rows = world.query(Position, tick=tick)
            assert rows.num_rows == entities
            assert rows.column("position__x")[0].as_py() == float(tick - 1)
            found[f"of {ticks}, {name}"] = median(partial(world.query, Position, tick=tick))
        found["now"] = median(lambda: world.query(Position))
        found["now, where"] = median(lambda: world.query(Position, where="position__x < 100"))
        found["changed"] = median(lambda: world.query(Position, changed=True), 5)
        found[f"one entity, {min(ticks, 1000)} ticks"] = median(
            lambda: world.query(Position, ticks=range(1, min(ticks, 1000) + 1), entities=[1]), 3
        )
        text = "select avg(position__x) from position where tick = "
        found["sql, one tick"] = median(lambda: world.sql(f"{text}{ticks // 2}"), 5)
        found["fork"] = median(world.fork, 5)
        found["fork, first tick"] = median(lambda: world.fork(at_tick=1), 5)
    return found


def large(entities: int) -> dict[str, float]:
    """Read, fork, compare and replay one large world in memory."""
    with made("memory:", entities, 5) as world:
        branch = world.fork()
        branch.update([1], Position(x=-1.0))
        branch.step()
        world.step()
        difference = world.diff(branch)
        assert difference.columns["position__x"].num_rows == 1
        assert world.replay(4).same
        return {
            "query": median(lambda: world.query(Position)),
            "where": median(lambda: world.query(Position, where="position__x < 100")),
            "changed": median(lambda: world.query(Position, changed=True), 5),
            "sum in numpy": median(lambda: world.query(Position).column("position__x").to_numpy()),
            "fork": median(world.fork),
            "diff": median(lambda: world.diff(branch), 5),
            "replay of one tick": median(lambda: world.replay(5), 5),
            "one tick made": median(lambda: branch.step(), 5),  # noqa: PLW0108 - called anew each time
        }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=10_000)
    parser.add_argument("--entities", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        found = {
            "memory": one_tick("memory:", options.entities, options.ticks),
            "log": one_tick(f"log:{folder / 'log'}", options.entities, options.ticks),
            f"{options.large} entities in memory": large(options.large),
        }
    finally:
        shutil.rmtree(folder)
    print(json.dumps({"milliseconds": found}, indent=2))


if __name__ == "__main__":
    main()
