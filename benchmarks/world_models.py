"""The four classic agent-based models here and in Mesa, beside the same arrays without a world.

    python -m benchmarks.world_models [--repeats=3] [--sizes=small,large] [--models=schelling]

Same parameters, same activation: random and sequential for wolf-sheep, flocking and Schelling
(turns compiled with numba, and as plain Python in the row `no numba`), all at once for the
forest fire. Prints CPU milliseconds a tick (best of the repeats, after two ticks that spawn
and compile; their CPU seconds stand in `first`), facts at the end, and lines of model code. The
`floor` runs the same numpy operations or compiled turns on arrays of its own: no world, no ticks
kept, nothing checked. Mesa runs in an environment made for it; the models in
`benchmarks/world_mesa` are written for this comparison. Engines run in turns.
"""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
PINNED = ("mesa==3.3.1", "networkx==3.6.1", "numpy==2.4.6", "scipy==1.17.1",
          "esper==3.9", "polars==2.1.0", "pyarrow==26.0.1")  # fmt: skip
MODELS = {"forest_fire": "Forest", "schelling": "Town", "flocking": "Flock", "wolf_sheep": "Meadow"}
TICKS = {"forest_fire": 100, "schelling": 20, "flocking": 100, "wolf_sheep": 100}
VECTORS = frozenset({"forest_fire"})


class Figures(dict[str, Any]):
    """What one engine says of one model: first, tick, compiled, facts."""


def of_codeanatomy(model: str, size: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """Make a world; give its step and its facts."""
    found = importlib.import_module(f"examples.ecs.{model}")
    world = found.build(size)
    return world.step, lambda: found.facts(world)


def of_mesa(model: str, size: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """Make a Mesa model; give its step and its facts."""
    found = importlib.import_module(f"benchmarks.world_mesa.{model}")
    made = getattr(found, MODELS[model])(size)
    return made.step, lambda: found.facts(made)


def of_floor(model: str, size: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """Take the arrays of a world and step them without it."""
    found = importlib.import_module(f"examples.ecs.{model}")
    world = found.build(size)
    world.step()
    step: Callable[[], object] = _FLOORS[model](found, world, size)
    return step, lambda: ""


def forest_fire_floor(model: Any, world: Any, size: str) -> Callable[[], object]:  # noqa: ANN401 - an example
    """Burn arrays."""
    import numpy as np

    from codeanatomy.ecs import Grid

    side = model.SIZES[size]
    grid = Grid(side, side, torus=False)
    columns = world.tables["tree",].columns
    cell, held = columns["tree__cell"], [columns["tree__state"]]

    def step() -> None:
        state = held[0]
        burning = np.zeros(grid.cells, np.bool_)
        burning[cell[state == model.BURNING]] = True
        new = np.minimum(state * np.int8(2), np.int8(model.BURNT))
        new[(new == model.FINE) & grid.any_around(burning)[cell]] = model.BURNING
        held[0] = new

    return step


def schelling_floor(model: Any, world: Any, size: str) -> Callable[[], object]:  # noqa: ANN401 - an example
    """Move arrays."""
    from codeanatomy.ecs import Grid, in_turn

    side, _, radius, wanted = model.SIZES[size]
    my, chance = _rows(world, "resident")
    town = Grid(side, side, torus=False).occupy(my.cell, radius)
    count = len(my.cell)
    return lambda: in_turn(model.settle, chance.permutation(count), my, town, wanted, chance)


def flocking_floor(model: Any, world: Any, size: str) -> Callable[[], object]:  # noqa: ANN401 - an example
    """Fly arrays."""
    from codeanatomy.ecs import Continuous, in_turn
    from codeanatomy.ecs.space import Surroundings

    _, side, radius = model.SIZES[size]
    my, chance = _rows(world, "bird")
    air = Surroundings.of(Continuous((side, side)), my.x, my.y, radius)
    return lambda: in_turn(model.fly, chance.permutation(len(my.x)), my, air, chance)


def wolf_sheep_floor(model: Any, world: Any, size: str) -> Callable[[], object]:  # noqa: ANN401 - an example
    """Live on arrays."""
    import numpy as np

    from codeanatomy.ecs import Grid, in_turn

    _, _, side, regrowth, often = model.SIZES[size]
    grid = Grid(side, side)
    my, chance = _rows(world, "animal")
    grass, _ = _rows(world, "grass")
    kind, held = type(my), [my]

    def step() -> None:
        my = held[0]
        np.maximum(grass.wait - 1, 0, out=grass.wait)
        given = (my, grass, grid.occupy(my.cell), regrowth, often, chance)
        in_turn(model.live, chance.permutation(len(my.cell)), *given, alive=my.alive)
        rows = np.concatenate([np.flatnonzero(my.alive), np.flatnonzero(my.born)])
        rows = rows[my.cell[rows] >= 0]
        fresh = (np.ones(len(rows), np.bool_), np.zeros(len(rows), np.int64))
        held[0] = kind(*(column[rows] for column in my[:-2]), *fresh)

    return step


def _rows(world: Any, name: str) -> tuple[Any, Any]:  # noqa: ANN401 - a world, a tuple of arrays
    """Give the columns of a component as turns see them, and a source of chance."""
    from collections import namedtuple

    import numpy as np

    columns = world.tables[name,].columns
    fields = [key.partition("__")[2] for key in columns]
    kind: Any = namedtuple("kind", [*fields, "alive", "born"])  # noqa: PYI024 - known when run
    rows = len(next(iter(columns.values())))
    own = (np.ones(rows, np.bool_), np.zeros(rows, np.int64))
    return kind(*(column.copy() for column in columns.values()), *own), np.random.default_rng(1)


_FLOORS = {
    "forest_fire": forest_fire_floor,
    "schelling": schelling_floor,
    "flocking": flocking_floor,
    "wolf_sheep": wolf_sheep_floor,
}


def measure(engine: str, model: str, size: str, repeats: int) -> dict[str, object]:
    """Give the first two ticks in CPU seconds, the others in milliseconds each, and the facts."""
    if engine == "no numba":
        sys.modules["numba"] = None  # type: ignore[assignment] # as where it is not installed
    warnings.simplefilter("ignore")
    make = {"mesa": of_mesa, "floor": of_floor}.get(engine, of_codeanatomy)
    first, ticks, told = 0.0, [], None
    for number in range(repeats):
        began = time.process_time()
        step, facts = make(model, size)
        step()
        if engine != "mesa":
            step()  # the first with rows to act: turns are compiled
        first = time.process_time() - began if not number else first
        began = time.process_time()
        for _ in range(TICKS[model]):
            step()
        ticks.append((time.process_time() - began) / TICKS[model] * 1000)
        told = facts()
    return {"first": first, "tick": min(ticks), "facts": told}


def lines_of_model(path: Path) -> int:
    """Count lines of code without imports, docstrings, comments, `facts`, `main` and its call."""
    source = path.read_text()
    tree = ast.parse(source)
    counted: set[int] = set()
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if _is_beside(node):
            skipped |= _lines(node)
        elif isinstance(node, ast.stmt):
            counted |= _lines(node)
            counted |= {line for d in getattr(node, "decorator_list", ()) for line in _lines(d)}
    text = source.splitlines()
    said = {n for n in counted - skipped if text[n - 1].strip() and text[n - 1].strip()[0] != "#"}
    return len(said)


def _lines(node: Any) -> set[int]:  # noqa: ANN401 - any node with a place
    return set(range(node.lineno, node.end_lineno + 1))


def _is_beside(node: ast.AST) -> bool:
    """Say whether a statement is an import, a docstring, or shows the model instead of being it."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    if isinstance(node, ast.If):
        return ast.unparse(node.test) in {"TYPE_CHECKING", "__name__ == '__main__'"}
    if isinstance(node, ast.FunctionDef):
        return node.name in {"facts", "main"}
    return isinstance(node, ast.Import | ast.ImportFrom)


def environment(name: str, *packages: str) -> str:
    """Make an environment for peers unless it is there; give its interpreter."""
    home = HERE / ".corpora" / name
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *packages], check=True)
    return str(python)


def run(python: str, script: Path, *arguments: str) -> Any:  # noqa: ANN401 - what it prints
    """Run a script of the benchmarks in an interpreter; give the JSON of its last line."""
    command = [python, "-m", f"benchmarks.{script.stem}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure every model in every engine and print the tables."""
    options = dict(part.removeprefix("--").split("=") for part in sys.argv[1:] if "=" in part)
    repeats = options.get("repeats", "3")
    if "engine" in options:
        told = measure(options["engine"], options["model"], options["size"], int(repeats))
        print(json.dumps(told))
        return
    mesa = environment("world-peers", *PINNED)
    print("lines of model code")
    for model in MODELS:
        ours = lines_of_model(HERE.parent / "examples" / "ecs" / f"{model}.py")
        theirs = lines_of_model(HERE / "world_mesa" / f"{model}.py")
        print(f"  {model:12} codeanatomy {ours:3}  mesa {theirs:3}")
    print(f"{'CPU ms a tick':18} {'codeanatomy':>12} {'floor':>9} {'no numba':>9} {'mesa':>9}"
          f" {'times mesa':>11} {'times floor':>12} {'first, s':>9}")  # fmt: skip
    for model in options.get("models", ",".join(MODELS)).split(","):
        for size in options.get("sizes", "small,large").split(","):
            found: dict[str, Any] = {}
            for engine in ("codeanatomy", "floor", "mesa", "no numba"):
                if engine == "no numba" and model in VECTORS:
                    continue
                python = mesa if engine == "mesa" else sys.executable
                found[engine] = run(
                    python, Path(__file__), f"--engine={engine}", f"--model={model}",
                    f"--size={size}", f"--repeats={1 if engine == 'no numba' else repeats}",
                )  # fmt: skip
            if model in VECTORS:  # nothing left to chance: both burn the same trees
                assert found["codeanatomy"]["facts"] == found["mesa"]["facts"]
            ours, floor, theirs = (found[e]["tick"] for e in ("codeanatomy", "floor", "mesa"))
            plain = f"{found['no numba']['tick']:.2f}" if "no numba" in found else "-"
            print(f"{model + ' ' + size:18} {ours:>12.3f} {floor:>9.3f} {plain:>9} {theirs:>9.2f}"
                  f" {theirs / ours:>11.1f} {ours / floor:>12.2f}"
                  f" {found['codeanatomy']['first']:>9.2f}")  # fmt: skip
            print(f"  at the end: {found['codeanatomy']['facts']} | mesa {found['mesa']['facts']}",
                  flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
