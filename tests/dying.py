"""A building process that is killed on the way; run as a script, it leaves one store a death.

`dying.py REPO STORE FOLDER points N ...` copies STORE to FOLDER/N for each failpoint N and kills
a build there; `moments SEED COUNT` kills after random parts of the time that a build takes;
`count` prints how many failpoints a build into STORE has.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from codeanatomy.store.disk import Disk
from tests.builds import built

if TYPE_CHECKING:
    from collections.abc import Callable


def failpoints(repo: Path, store: Path) -> list[str]:
    """Name everything that our disk hears during a build of `repo` into `store`."""
    heard: list[str] = []
    built(repo, store, None, Disk(heard.append))
    return heard


def output(command: list[str]) -> str:
    """Run this script, or any; return what it prints."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def die_at(repo: Path, store: Path, folder: Path, points: list[int]) -> None:
    """Kill a build at each of these failpoints, counted from 0."""
    for point in points:
        place = _copied(store, folder / str(point))
        if _forked(partial(_killed, repo, place, point)) != -signal.SIGKILL:
            sys.exit(f"failpoint {point} was not reached")


def die_at_moments(repo: Path, store: Path, folder: Path, seed: int, count: int) -> None:
    """Kill a build after random parts of the time that it takes when it is left alone."""
    chance = random.Random(seed)  # noqa: S311 - which moments does not matter, that they differ does
    began = time.monotonic()
    _forked(partial(built, repo, _copied(store, folder / "whole"), None, Disk()))
    whole = time.monotonic() - began
    for number in range(count):
        place = _copied(store, folder / str(number))
        _forked(partial(built, repo, place, None, Disk()), chance.uniform(0, whole))


def _copied(store: Path, place: Path) -> Path:
    shutil.copytree(store, place)
    return place


def _killed(repo: Path, place: Path, point: int) -> None:
    steps = iter(range(point + 1))

    def hear(_name: str) -> None:
        if next(steps) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    built(repo, place, None, Disk(hear))


def _forked(work: Callable[[], object], seconds: float | None = None) -> int:
    """Do some work in a copy of this process, which has only imported; return how it ended."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main(arguments: list[str]) -> None:
    """Do what the words say."""
    repo, store, folder = (Path(word) for word in arguments[:3])
    numbers = [int(word) for word in arguments[4:]]
    if arguments[3] == "count":
        print(len(failpoints(repo, store)))  # noqa: T201 - the answer
    elif arguments[3] == "points":
        die_at(repo, store, folder, numbers)
    else:
        die_at_moments(repo, store, folder, *numbers)


if __name__ == "__main__":
    main(sys.argv[1:])
