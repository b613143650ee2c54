"""A world that is killed while it writes; run as a script, it leaves one log a death.

`dying.py FOLDER SETTING points N ...` kills at failpoint N of the disk, `moments SEED COUNT` after
random parts of the time that the work takes. For each death it prints the number of its log and
the last durable tick that the dead had been told of.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

from codeanatomy.ecs.backend import writer
from codeanatomy.ecs.backend.durability import durability
from codeanatomy.ecs.backend.log import LogBackend
from codeanatomy.store.disk import Disk
from tests.ecs.history import BIRTH, records

if TYPE_CHECKING:
    from collections.abc import Callable

TICKS = 14
MADE = records(TICKS, rows=50)
writer.SEGMENT_TICKS = 5


def live(folder: Path, setting: str, disk: Disk, told: Callable[[int], object]) -> None:
    """Begin a world, make its ticks, close it; tell what is durable after each."""
    backend = LogBackend(folder, durability(setting), disk=disk)
    backend.create(BIRTH, ())
    told(backend.durable_tick)
    for record in MADE:
        backend.commit(record)
        told(backend.durable_tick)
    backend.close()
    told(backend.durable_tick)


def failpoints(folder: Path, setting: str) -> list[str]:
    """Name everything that the disk hears while the world lives."""
    heard: list[str] = []
    live(folder, setting, Disk(heard.append), lambda _: None)
    return heard


def killed_at(folder: Path, setting: str, points: list[int]) -> None:
    """Kill a world at each of these failpoints."""
    for point in points:
        _report(point, partial(_until, folder / str(point), setting, point), None)


def killed_after(folder: Path, setting: str, seed: int, count: int) -> None:
    """Kill a world after random parts of the time that it takes when it is left alone."""
    chance = random.Random(seed)  # noqa: S311 - that the moments differ is all that matters
    began = time.monotonic()
    _report(-1, partial(live, folder / "whole", setting, Disk()), None)
    whole = time.monotonic() - began
    for number in range(count):
        work = partial(live, folder / str(number), setting, Disk())
        _report(number, work, chance.uniform(0, whole))


def _until(folder: Path, setting: str, point: int, told: Callable[[int], object]) -> None:
    steps = iter(range(point + 1))

    def hear(_name: str) -> None:
        if next(steps) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    live(folder, setting, Disk(hear), told)


def _report(
    number: int, work: Callable[[Callable[[int], object]], None], seconds: float | None
) -> None:
    """Do the work in a copy of this process, which only imported; print what it was told last."""
    reader, sink = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            work(lambda tick: os.write(sink, tick.to_bytes(4, "little")))
            os._exit(0)
        finally:
            os._exit(1)
    os.close(sink)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    told = os.read(reader, 1 << 16)
    os.close(reader)
    last = int.from_bytes(told[-4:], "little") if told else -1
    print(number, last, flush=True)  # noqa: T201 - the report


def main(arguments: list[str]) -> None:
    """Do what the words say."""
    folder, setting, what = Path(arguments[0]), arguments[1], arguments[2]
    numbers = [int(word) for word in arguments[3:]]
    if what == "points":
        killed_at(folder, setting, numbers)
    else:
        killed_after(folder, setting, *numbers)


if __name__ == "__main__":
    main(sys.argv[1:])
