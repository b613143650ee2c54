"""What keeping ticks costs: `python -m benchmarks.world_storage [--folder F] [--big]`.

The store alone is measured, with the movement's columns (x and y change in every tick, random
values), beside a bare loop that appends the same bytes to a file and calls fdatasync, in the same
run on the same disk: no store that promises a tick to be on the disk can be faster than that loop.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from codeanatomy.ecs.backend.base import Birth, TableChange, TickRecord
from codeanatomy.ecs.backend.open import open_backend
from codeanatomy.ecs.state import State
from codeanatomy.ecs.table import NO_IDS, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

ARCHETYPE = ("position", "velocity")
MOVED = frozenset({"position__x", "position__y"})
BIRTH = Birth("w", "r", "movement", 0)
ROWS = ((1_000, 300), (100_000, 40), (1_000_000, 8))


def population(rows: int, seed: int = 0) -> Iterator[TickRecord]:
    """Make the ticks of so many entities, for ever; random values do not compress."""
    chance = np.random.default_rng(seed)
    fixed = {name: chance.random(rows) for name in ("velocity__dx", "velocity__dy")}
    ids = np.arange(1, rows + 1)
    tick = 0
    while True:
        tick += 1
        moved = {name: chance.random(rows) for name in sorted(MOVED)}
        table = Table(ARCHETYPE, ids, {**moved, **fixed})
        changed = MOVED if tick > 1 else frozenset(table.columns)
        change = TableChange(ARCHETYPE, table, changed, entities_changed=tick == 1, tombstones=None)
        state = State(tick, MappingProxyType({ARCHETYPE: table}), rows + 1)
        yield TickRecord(
            tick, (change,), rows + 1, 0, NO_IDS, (), MappingProxyType({}), (), (), state
        )


def stored(address: str, setting: str, rows: int, ticks: int) -> tuple[float, float]:
    """Give (median, mean with the last flush) milliseconds of a commit."""
    backend = open_backend(address, setting)
    backend.create(BIRTH, ())
    source = population(rows)
    backend.commit(next(source))
    backend.flush()
    spent, total = [], 0.0
    for _ in range(ticks):
        record = next(source)
        began = time.perf_counter()
        backend.commit(record)
        spent.append(time.perf_counter() - began)
    began = time.perf_counter()
    backend.flush()
    total = sum(spent) + time.perf_counter() - began
    backend.close()
    return statistics.median(spent) * 1e3, total / ticks * 1e3


def beside(folder: Path, rows: int, ticks: int) -> tuple[list[float], list[float]]:
    """Give milliseconds of durable commits and, in turn, of appending the same bytes barely."""
    backend = open_backend(folder / f"{rows}-beside", "tick")
    backend.create(BIRTH, ())
    source = population(rows)
    backend.commit(next(source))
    data = np.random.default_rng(0).bytes(16 * rows)
    handle = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    ours, bare = [], []
    for _ in range(ticks):
        record = next(source)
        began = time.perf_counter()
        backend.commit(record)
        middle = time.perf_counter()
        os.write(handle, data)
        os.fdatasync(handle)
        ours.append((middle - began) * 1e3)
        bare.append((time.perf_counter() - middle) * 1e3)
    os.close(handle)
    backend.close()
    return ours, bare


def reading(folder: Path) -> tuple[float, float]:
    """Give microseconds of reading any tick of 10 and of 10,000 ticks, in a world just opened."""
    found = []
    for ticks in (10, 10_000):
        backend = open_backend(folder / f"read{ticks}", "end")
        backend.create(BIRTH, ())
        source = population(100)
        for _ in range(ticks):
            backend.commit(next(source))
        backend.close()
        chance = np.random.default_rng(1)
        spent = []
        for tick in chance.integers(1, ticks, 100):
            backend = open_backend(folder / f"read{ticks}")  # opened anew: nothing is at hand
            began = time.perf_counter()
            backend.state(int(tick))
            spent.append(time.perf_counter() - began)
            backend.close()
        found.append(statistics.median(spent) * 1e6)
    return found[0], found[1]


def forking(folder: Path, rows: int) -> tuple[float, float]:
    """Give milliseconds of a fork from the last tick, and from an older one."""
    backend = open_backend(folder / f"fork{rows}", "tick")
    backend.create(BIRTH, ())
    source = population(rows)
    for _ in range(4):
        backend.commit(next(source))
    found = []
    for tick in (4, 2):
        spent = []
        for number in range(20):
            began = time.perf_counter()
            branch = backend.fork(tick, BIRTH._replace(world_id=f"f{tick}-{number}"))
            branch.last()
            spent.append(time.perf_counter() - began)
        found.append(statistics.median(spent) * 1e3)
    backend.close()
    return found[0], found[1]


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured")
    parser.add_argument("--big", action="store_true", help="with the million")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=options.folder, prefix="world-storage-"))
    try:
        for rows, ticks in ROWS if options.big else ROWS[:2]:
            print(f"{rows:>9,} entities, {ticks} ticks")
            names = ("tick", "bare append + fdatasync")
            for name, spent in zip(names, beside(folder, rows, ticks), strict=True):
                middle, mean = statistics.median(spent), statistics.mean(spent)
                print(f"    {name:<23}: median {middle:7.3f} ms, mean {mean:7.3f} ms")
            for setting in ("every 16 ticks", "end"):
                middle, mean = stored(
                    f"log:{folder}/{rows}-{setting.replace(' ', '')}", setting, rows, ticks
                )
                print(f"    {setting:<23}: median {middle:7.3f} ms, mean {mean:7.3f} ms")
            newest, older = forking(folder, rows)
            print(f"    fork: {newest:.3f} ms, at an older tick {older:.3f} ms")
        few, many = reading(folder)
        print(f"one tick of a world just opened: of 10 {few:.0f} us, of 10,000 {many:.0f} us")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
