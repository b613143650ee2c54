"""Runs whose process is killed, at every moment that matters."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

from tests.workflow.run import dying

if TYPE_CHECKING:
    from pathlib import Path


def test_a_killed_run_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    """No step is lost, and only an effect that was not recorded happens again, by its key."""
    script = [sys.executable, dying.__file__, str(tmp_path)]
    moments = int(subprocess.run(script, check=True, stdout=subprocess.PIPE, text=True).stdout)
    assert moments > 60
    for last in range(1, moments + 1, 2):
        (final,) = dying.run(tmp_path, str(last))
        assert final["state"]["paths"] == [["source", "p", "p2"], ["source", "x", "q2"]]
        happened = Counter((tmp_path / f"{last}.effects").read_text().split())
        assert [key.split("/")[-2].split(".")[-1] for key in sorted(happened)] == [
            "p", "p2", "x", "q2", "source",
        ]  # fmt: skip
        assert sum(happened.values()) <= len(happened) + 2  # one not yet recorded a branch
