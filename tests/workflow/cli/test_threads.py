"""`tea run --thread` and `tea resume` on a journal that the agent file names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.workflow.contract.tea import events_in, final_state, tea, written

if TYPE_CHECKING:
    from pathlib import Path

ASKING = """
name: asking
settings: {journal: JOURNAL}
nodes:
- name: first
  run: |
    return {"x": state.get("given", 1), "firsts": state.get("firsts", 0) + 1}
- name: second
  interrupt: before
  run: |
    return {"y": state["x"] * 2, "d": state.get("d")}
"""
FAILING_ONCE = """
name: once
settings: {journal: JOURNAL}
nodes:
- name: first
  run: |
    return {"firsts": state.get("firsts", 0) + 1}
- name: second
  run: |
    from pathlib import Path
    if not Path("MARK").exists():
        Path("MARK").touch()
        raise ValueError("not yet")
    return {"y": 2}
"""


def agent(tmp_path: Path, text: str) -> str:
    """Write the file with its journal beside it."""
    text = text.replace("JOURNAL", str(tmp_path / "runs.db"))
    return written(tmp_path, text.replace("MARK", str(tmp_path / "mark")))


def waiting(tmp_path: Path) -> tuple[str, str]:
    """Run to the interrupt in thread `t`; return the file and the checkpoint."""
    file = agent(tmp_path, ASKING)
    out = tea("run", file, "--thread", "t", "-s", "-i", '{"d": {"a": 1, "b": 1}}').stdout
    return file, events_in(out)[-1]["checkpoint"]


def test_a_checkpoint_lies_in_the_journal_of_the_file(tmp_path: Path) -> None:
    """No `--journal` is needed; changes are merged dict by dict as with a file."""
    file, checkpoint = waiting(tmp_path)
    result = tea("resume", checkpoint, "-w", file, "-i", '{"x": 5, "d": {"b": 2}}')
    assert f"Resuming from checkpoint: {checkpoint}\nInterrupted node: second\n" in result.stdout
    state = final_state(result.stdout)
    assert (state["y"], state["d"], state["firsts"]) == (10, {"a": 1, "b": 2}, 1)


@pytest.mark.parametrize("ran", [False, True])
def test_a_checkpoint_that_is_nowhere_is_named(tmp_path: Path, *, ran: bool) -> None:
    """With the journal that was asked; it may not be there yet."""
    file = waiting(tmp_path)[0] if ran else agent(tmp_path, ASKING)
    result = tea("resume", "no.1", "-w", file)
    assert result.exit_code == 1
    assert "Error: Checkpoint file not found: no.1; nor is it in the journal " in result.stderr


def test_a_thread_that_waits_goes_on(tmp_path: Path) -> None:
    """Without an input, as `invoke(None)` does; what was done stays done."""
    file, _ = waiting(tmp_path)
    result = tea("run", file, "--thread", "t")
    assert "\nGoing on with thread: t\n" in result.stdout
    assert "Initial state" not in result.stdout
    assert final_state(result.stdout) == {"d": {"a": 1, "b": 1}, "x": 1, "firsts": 1, "y": 2}


def test_going_on_with_a_thread_is_told_to_programs(tmp_path: Path) -> None:
    """The first line is `resume`."""
    file, _ = waiting(tmp_path)
    first, *_, last = events_in(tea("run", file, "--thread", "t", "-s").stdout)
    del first["timestamp"]
    assert first == {"type": "resume", "workflow": file, "thread": "t"}
    assert (last["type"], last["state"]["firsts"]) == ("complete", 1)


@pytest.mark.parametrize(
    ("words", "more"), [(("-i", "{}"), ""), ((), "initial_state: {given: 3}\n")]
)
def test_an_input_begins_a_new_run(tmp_path: Path, words: tuple[str, ...], more: str) -> None:
    """Also an empty one, and that of the file."""
    waiting(tmp_path)
    text = (tmp_path / "agent.yaml").read_text() + more
    result = tea("run", written(tmp_path, text), "--thread", "t", *words)
    assert "Interrupt at: second" in result.stdout
    assert "✓ first" in result.stdout


def test_a_finished_thread_begins_a_new_run(tmp_path: Path) -> None:
    """There is nothing to go on with."""
    file, _ = waiting(tmp_path)
    for _ in range(2):
        result = tea("run", file, "--thread", "t")
    assert "✓ first" in result.stdout
    runs = json.loads(tea("history", "--journal", str(tmp_path / "runs.db"), "--json").stdout)
    assert [run["status"] for run in runs] == ["final", "interrupted"]


def test_a_thread_that_failed_goes_on_at_the_failure(tmp_path: Path) -> None:
    """The node that failed is tried again, those before it are not."""
    file = agent(tmp_path, FAILING_ONCE)
    assert tea("run", file, "--thread", "t").exit_code == 1
    result = tea("run", file, "--thread", "t")
    assert "✓ first" not in result.stdout
    assert final_state(result.stdout) == {"firsts": 1, "y": 2}
