"""The folder of checkpoints that a file with interrupts gets where it names none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codeanatomy.workflow.yaml_engine.engine import YAMLEngine

ASKING = {"nodes": [{"name": "a", "interrupt": "after"}]}
LEFT_BEHIND = f"""
from codeanatomy.workflow.yaml_engine.engine import YAMLEngine
engine = YAMLEngine()
engine.load_from_dict({ASKING!r})
print(engine.checkpoint_dir)
"""


@pytest.mark.parametrize("running", [False, True])
def test_an_empty_folder_goes_with_the_engine(*, running: bool) -> None:
    """One with a checkpoint stays, and the run can go on from it."""
    with YAMLEngine() as engine:
        graph = engine.load_from_dict(ASKING)
        folder = Path(engine.checkpoint_dir)
        assert folder.is_dir()
        events = list(graph.invoke({"k": 1})) if running else []
    assert folder.exists() is running
    if running:
        with YAMLEngine() as other:
            place = events[-1]["checkpoint_path"]
            (end,) = other.load_from_dict(ASKING).invoke(None, checkpoint=place)
        assert end["state"] == {"k": 1}


def test_an_empty_folder_goes_with_the_interpreter() -> None:
    """Nobody has to close the engine."""
    found = subprocess.run(
        [sys.executable, "-c", LEFT_BEHIND], capture_output=True, text=True, check=True
    )
    folder = Path(found.stdout.strip())
    assert folder.name.startswith("tea_checkpoint_")
    assert not folder.exists()
