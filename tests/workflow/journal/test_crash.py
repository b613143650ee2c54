"""Runs whose process is killed end after they are taken up, and do nothing twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("crashing.py")


def crash(folder: Path, *words: str, **surroundings: str) -> int:
    """Run the script; return how many runs it killed. What it finds wrong is in its output."""
    found = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder), *words],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **surroundings},
    )
    assert found.returncode == 0, found.stderr
    return int(found.stdout)


def test_killed_at_named_moments(tmp_path: Path) -> None:
    """Around each write, its commit, each call of a node; the whole sweep is a benchmark."""
    assert crash(tmp_path, "points", "1", "2") > 30


def test_killed_at_random_moments(tmp_path: Path) -> None:
    """Some of them more than once, also while they are being taken up."""
    assert crash(tmp_path, "moments", "1", "6") == 6


def test_killed_in_a_shared_database(tmp_path: Path, postgres_url: str) -> None:
    """PostgreSQL: what a killed process had not committed is not there."""
    assert crash(tmp_path, "points", "1", "18", JOURNAL=postgres_url) > 2
