"""Movement, x += vx and y += vy, here and in other engines, beside plain numpy, in one run.

    python -m benchmarks.world_peers [--seconds=1] [--entities=1000,100000,1000000]

Prints CPU microseconds a tick (polars counts both of its threads) and millions of updates a
second; each engine runs in a process of its own, its peers' in environments made for them, in
turns. Every engine's sum of x and y is checked against the closed form.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FRAMES = ("mesa-frames==0.1.0a0", "numpy==1.26.4", "pandas==3.0.6", "polars==2.1.0",
          "pyarrow==26.0.1")  # fmt: skip
OURS = ("numpy in place", "numpy", "codeanatomy", "codeanatomy log")
PEERS = ("polars", "esper", "mesa", "mesa shuffled")
Made = tuple["Callable[[], object]", "Callable[[], tuple[float, float]]"]


def plain_numpy(entities: int, *, fresh: bool) -> Made:
    """Add arrays: into new ones, or in place."""
    import numpy as np

    x, y = np.arange(entities, dtype=np.float64), np.zeros(entities)
    dx, dy = np.ones(entities), np.full(entities, -0.5)
    held = [x, y]

    def step() -> None:
        if fresh:
            held[0], held[1] = held[0] + dx, held[1] + dy
        else:
            np.add(x, dx, out=x)
            np.add(y, dy, out=y)

    return step, lambda: (float(held[0].sum()), float(held[1].sum()))


def codeanatomy(entities: int, uri: str) -> Made:
    """Tick the world of `examples/ecs/movement.py`."""
    import numpy as np

    from codeanatomy.ecs import World
    from examples.ecs.movement import Position, Velocity, move

    known = {"components": [Position, Velocity], "processors": [move]}
    world = World(uri, **known, durability="every 16 ticks")
    world.spawn_batch({"position__x": np.arange(entities, dtype=np.float64)}, [Position, Velocity])
    world.step()

    def sums() -> tuple[float, float]:
        (table,) = world.tables.values()
        x, y = (table.columns[f"position__{axis}"] for axis in "xy")
        return float(x.sum()), float(y.sum())

    return world.step, sums


def of_polars(entities: int) -> Made:
    """Add columns of a data frame."""
    import numpy as np
    import polars as pl

    held = [
        pl.DataFrame(
            {"x": np.arange(entities, dtype=np.float64), "y": np.zeros(entities),
             "dx": np.ones(entities), "dy": np.full(entities, -0.5)}
        )
    ]  # fmt: skip

    def step() -> None:
        held[0] = held[0].with_columns(x=pl.col("x") + pl.col("dx"), y=pl.col("y") + pl.col("dy"))

    return step, lambda: (held[0]["x"].sum(), held[0]["y"].sum())


def of_mesa_frames(entities: int) -> Made:
    """Let a set of agents in a polars frame add its columns."""
    import numpy as np
    import polars as pl
    from mesa_frames import AgentSetPolars, ModelDF

    class Movers(AgentSetPolars):
        def __init__(self, model: ModelDF) -> None:
            super().__init__(model)
            self.add(
                pl.DataFrame(
                    {"unique_id": np.arange(entities), "y": np.zeros(entities),
                     "x": np.arange(entities, dtype=np.float64),
                     "dx": np.ones(entities), "dy": np.full(entities, -0.5)}
                )
            )  # fmt: skip

        def step(self) -> None:
            way = {axis: pl.col(axis) + pl.col(f"d{axis}") for axis in "xy"}
            self.agents = self.agents.with_columns(**way)

    model = ModelDF()
    movers = Movers(model)
    model.agents += movers
    held = next(iter(model.agents._agentsets))  # noqa: SLF001 - theirs
    return lambda: model.agents.do("step"), lambda: (
        held.agents["x"].sum(), held.agents["y"].sum())  # fmt: skip


def of_esper(entities: int) -> Made:
    """Let a processor go over all entities with both components."""
    from dataclasses import dataclass

    import esper

    @dataclass(slots=True)
    class Position:
        x: float
        y: float

    @dataclass(slots=True)
    class Velocity:
        dx: float
        dy: float

    class Move(esper.Processor):
        def process(self) -> None:
            for _, (position, velocity) in esper.get_components(Position, Velocity):
                position.x += velocity.dx
                position.y += velocity.dy

    esper.add_processor(Move())
    for number in range(entities):
        esper.create_entity(Position(float(number), 0.0), Velocity(1.0, -0.5))

    def sums() -> tuple[float, float]:
        held = [position for _, position in esper.get_component(Position)]
        return sum(p.x for p in held), sum(p.y for p in held)

    return esper.process, sums


def of_mesa(entities: int, *, shuffled: bool) -> Made:
    """Call every agent's method."""
    import mesa

    class Mover(mesa.Agent):
        def __init__(self, model: mesa.Model, x: float) -> None:
            super().__init__(model)
            self.x, self.y, self.dx, self.dy = x, 0.0, 1.0, -0.5

        def move(self) -> None:
            self.x += self.dx
            self.y += self.dy

    model = mesa.Model(seed=1)
    for number in range(entities):
        Mover(model, float(number))
    agents = model.agents
    step = (lambda: agents.shuffle_do("move")) if shuffled else (lambda: agents.do("move"))
    return step, lambda: (sum(a.x for a in agents), sum(a.y for a in agents))


def made(engine: str, entities: int, folder: str) -> Made:
    """Make an engine's population."""
    makers: dict[str, Callable[[], Made]] = {
        "numpy": lambda: plain_numpy(entities, fresh=True),
        "numpy in place": lambda: plain_numpy(entities, fresh=False),
        "codeanatomy": lambda: codeanatomy(entities, "memory:?keep=1"),
        "codeanatomy log": lambda: codeanatomy(entities, f"log:{folder}/world"),
        "polars": lambda: of_polars(entities),
        "mesa-frames": lambda: of_mesa_frames(entities),
        "esper": lambda: of_esper(entities),
        "mesa": lambda: of_mesa(entities, shuffled=False),
        "mesa shuffled": lambda: of_mesa(entities, shuffled=True),
    }
    return makers[engine]()


def measure(engine: str, entities: int, seconds: float) -> float:
    """Give CPU microseconds a tick: the best of three stretches, after two ticks."""
    import tempfile

    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="codeanatomy-") as folder:
        step, sums = made(engine, entities, folder)
        step()
        step()
        done, best = 2, float("inf")
        for _ in range(3):
            began, ticks = time.process_time(), 0
            while not ticks or time.process_time() - began < seconds / 3:
                step()
                ticks += 1
            best = min(best, (time.process_time() - began) / ticks * 1e6)
            done += ticks
        x, y = sums()
    assert abs(x - (entities * (entities - 1) / 2 + entities * done)) <= 1e-9 * x
    assert abs(y + 0.5 * entities * done) <= 1e-9 * -y
    return best


def main() -> None:
    """Measure every engine at every size, in turns, and print the tables."""
    options = dict(part.removeprefix("--").split("=") for part in sys.argv[1:] if "=" in part)
    seconds = float(options.get("seconds", 1))
    sizes = [int(size) for size in options.get("entities", "1000,100000,1000000").split(",")]
    if "engine" in options:
        print(json.dumps(measure(options["engine"], sizes[0], seconds)))
        return
    from benchmarks.world_models import PINNED, environment, run

    pythons: dict[str, Any] = dict.fromkeys(OURS, sys.executable)
    pythons |= dict.fromkeys(PEERS, environment("world-peers", *PINNED))
    pythons["mesa-frames"] = environment("world-peers-frames", *FRAMES)
    print(f"{'movement':16}", *(f"{f'{size:,}: us a tick, M/s':>28}" for size in sizes))
    found = {
        (engine, size): run(
            python, Path(__file__), f"--engine={engine}", f"--entities={size}",
            f"--seconds={seconds}",
        )
        for size in sizes
        for engine, python in pythons.items()
    }  # fmt: skip
    for engine in pythons:
        cells = (f"{found[engine, s]:>18,.0f} {s / found[engine, s]:>9,.1f}" for s in sizes)
        print(f"{engine:16}", *cells, flush=True)


if __name__ == "__main__":
    main()
