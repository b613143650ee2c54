"""A writer that is killed leaves whole ticks, never fewer than it had been told are durable."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from codeanatomy.ecs.backend.log import LogBackend
from tests.ecs.dying import MADE, failpoints
from tests.ecs.history import after, facts

DYING = Path(__file__).parent / "dying.py"


def deaths(folder: Path, setting: str, *words: str) -> list[tuple[int, int]]:
    """Let worlds die; give (number of the log, last durable tick that was told)."""
    command = [sys.executable, str(DYING), str(folder), setting, *words]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [(int(a), int(b)) for a, b in (line.split() for line in said.splitlines())]


def verdict(folder: Path, told: int) -> int:
    """Check what a death left, go on with it, and give its last tick; -1 for no world."""
    found = LogBackend(folder)
    if found.birth is None:
        assert told == -1
        return -1
    last = found.last()
    assert last.tick >= told
    for record in MADE[: last.tick]:
        assert facts(found.state(record.tick)) == facts(record.state)
    again = after(last, 50)
    found.commit(again)
    found.close()
    assert facts(LogBackend(folder).last()) == facts(again.state)
    return last.tick


@pytest.mark.parametrize("setting", ["tick", "every 3 ticks", "end"])
def test_killed_at_a_failpoint(setting: str, tmp_path: Path) -> None:
    """One of each kind of failpoint at least, and some more."""
    heard = failpoints(tmp_path / "whole", setting)
    kinds = {name: number for number, name in enumerate(heard)}
    more = random.Random(3).sample(range(len(heard)), 6)  # noqa: S311 - any will do
    chosen = {*kinds.values(), *more}
    died = deaths(tmp_path, setting, "points", *map(str, sorted(chosen)))
    assert len(died) == len(chosen)
    for number, told in died:
        verdict(tmp_path / str(number), told)


def test_killed_at_random_moments(tmp_path: Path) -> None:
    """Wherever it happens to be."""
    for number, told in deaths(tmp_path, "every 3 ticks", "moments", "5", "8"):
        verdict(tmp_path / ("whole" if number < 0 else str(number)), told)
