"""A runtime that is killed while it works: nothing accepted is lost, nothing is applied twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ecs.runtime.people import Position, runtime

WORK = """
import sys
from tests.ecs.runtime.people import Position, farm, runtime
worlds = runtime(sys.argv[1])
ann = farm(worlds)
for number in range(100_000):
    due = worlds.held("farm").world.tick + 1 + number % 3
    entry = ann.spawn("farm", Position(float(number)), id=f"c{number}", tick=due)
    print(number, entry.ids[0][0], flush=True)
    if number % 4 == 3:
        print("tick", ann.step("farm").tick, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 5, 61])
def test_what_was_accepted_is_applied_once(tmp_path: Path, lines: int) -> None:
    """Every command that was answered is there, under its id, after as many ticks as were told."""
    paths = os.pathsep.join([str(Path.cwd()), *(str(Path(p).absolute()) for p in sys.path if p)])
    process = subprocess.Popen(
        [sys.executable, "-c", WORK, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
    )
    assert process.stdout is not None
    told = [process.stdout.readline().split() for _ in range(lines)]
    process.send_signal(signal.SIGKILL)
    told += [line.split() for line in process.stdout if line.endswith("\n")]
    process.stdout.close()
    process.wait()
    accepted = {int(a): int(b) for a, b in told if a != "tick"}
    ticks = [int(b) for a, b in told if a == "tick"]
    assert accepted
    with runtime(tmp_path) as worlds:
        ann = worlds.seat("ann", "admin")
        assert ann.inspect("farm")["tick"] in (max(ticks, default=0), max(ticks, default=0) + 1)
        ann.run("farm", 4)
        rows = ann.query("farm", Position).to_pylist()
        living = {int(row["position__x"]): row["entity_id"] for row in rows}
        assert len(living) == len(rows)
        assert accepted.items() <= living.items()
        assert living.keys() <= {*accepted, max(accepted) + 1}
        entries = ann.commands("farm")
        assert {entry.state for entry in entries} == {"applied"}
        assert {int(entry.command_id[1:]) for entry in entries} == living.keys()
