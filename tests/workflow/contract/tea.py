"""The command `tea` as tests call it: in this process, or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from the_edge_agent.cli import app
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

TWO_NODES = """
name: two
variables: {lang: en}
nodes:
- name: first
  run: |
    return {"x": state.get("x", 0) + 1}
- name: second
  run: |
    return {"y": state["x"] * 2}
edges:
- {from: __start__, to: first}
- {from: first, to: second}
- {from: second, to: __end__}
"""
FAILING = """
name: failing
nodes:
- name: good
  run: |
    return {"x": 1}
- name: bad
  run: |
    raise ValueError("boom")
"""
FAN_OUT = """
name: fan
nodes:
- name: begin
  run: |
    return {"n": 1}
- name: left
  run: |
    return {"side": "left"}
- name: right
  run: |
    return {"side": "right"}
- name: join
  fan_in: true
  run: |
    return {"sides": sorted(r["side"] for r in parallel_results), "parallel_results": None}
edges:
- {from: __start__, to: begin}
- {from: begin, to: left, type: parallel, fan_in: join}
- {from: begin, to: right, type: parallel, fan_in: join}
- {from: left, to: join}
- {from: right, to: join}
- {from: join, to: __end__}
"""


def tea(*words: str, stdin: str | None = None, env: dict[str, str | None] | None = None) -> Result:
    """Run the command here; the result has `stdout`, `stderr` and `exit_code`."""
    return CliRunner().invoke(app, list(words), input=stdin, env=env)


def tea_process(*words: str, **options: Any) -> subprocess.Popen[str]:  # noqa: ANN401 - those of Popen
    """Start the command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "the_edge_agent", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        **options,
    )


def written(folder: Path, text: str, name: str = "agent.yaml") -> str:
    """Write an agent file and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def events_in(text: str) -> list[dict[str, Any]]:
    """Read JSON lines."""
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def final_state(text: str) -> dict[str, Any]:
    """Read what stands behind `Final state:`."""
    found: dict[str, Any] = json.JSONDecoder().raw_decode(text.split("Final state: ")[1])[0]
    return found
