"""The movement check: rows and sums of a moving population, against their closed form."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "ecs" / "movement.py"
KEYS = {
    "backend",
    "entities",
    "ticks",
    "rows",
    "rows_match",
    "sum_x",
    "sum_y",
    "sum_x_expected",
    "sum_y_expected",
    "sum_x_error",
    "sum_y_error",
    "correct",
    "phases",
    "tick_ms",
    "memory_tick_ms",
    "numpy_ms",
}


@pytest.mark.parametrize(
    ("store", "entities", "ticks"),
    [("log", 100, 20), ("memory:", 1, 1), ("memory:", 0, 3), ("log", 3, 2)],
)
def test_the_sums_are_those_of_the_closed_form(store: str, entities: int, ticks: int) -> None:
    """One JSON object says what was found, what must be found, and what it took."""
    asked = ["--entities", str(entities), "--ticks", str(ticks), "--json"]
    where = ["--store", store] if store != "log" else []
    done = subprocess.run(
        [sys.executable, EXAMPLE, *asked, *where], capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert told.keys() >= KEYS
    assert told["backend"] == store.partition(":")[0]
    assert told["rows"] == entities * ticks
    assert told["sum_x"] == entities * (entities - 1) / 2 + entities * (ticks - 1)
    assert told["sum_y"] == -0.5 * entities * (ticks - 1)
    assert told["correct"] is True
    assert told["phases"].keys() == {"read", "process", "apply", "commit", "query"}
