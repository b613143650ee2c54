"""Interrupts at the command line, and `tea resume`."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from the_edge_agent import StateGraph

from tests.workflow.contract.tea import TWO_NODES, events_in, final_state, tea, written

if TYPE_CHECKING:
    from pathlib import Path

COUNTED = """
name: counted
nodes:
- name: first
  run: |
    return {"x": 1, "firsts": state.get("firsts", 0) + 1, "d": {"a": 1, "b": 1}}
- name: second
  run: |
    return {"y": state["x"] * 2}
"""


def stopped(tmp_path: Path, *words: str) -> tuple[str, str]:
    """Run to an interrupt without a terminal; return the file and the checkpoint."""
    file = written(tmp_path, COUNTED)
    result = tea("run", file, "-c", str(tmp_path / "ck"), "--interrupt-before", "second", *words)
    assert result.exit_code == 0
    (checkpoint,) = (tmp_path / "ck").iterdir()
    return file, str(checkpoint)


def test_without_a_terminal_a_run_waits_in_its_checkpoint(tmp_path: Path) -> None:
    """It writes the checkpoint, says how to go on, and ends; it never begins anew."""
    file = written(tmp_path, COUNTED)
    result = tea("run", file, "-c", str(tmp_path / "ck"), "--interrupt-before", "second")
    (checkpoint,) = (tmp_path / "ck").iterdir()
    assert result.exit_code == 0
    assert "⏸  Interrupt at: second\n   State: {" in result.stdout
    assert result.stdout.count("✓ first") == 1
    assert "Completed" not in result.stdout
    assert f"tea resume {checkpoint} --workflow {file}" in result.stderr
    assert re.fullmatch(r"second_\d{13}_?.*\.pkl", checkpoint.name)


def test_an_interrupt_is_told_to_programs(tmp_path: Path) -> None:
    """The last line, with the state and the checkpoint."""
    file = written(tmp_path, COUNTED)
    words = ("-c", str(tmp_path / "ck"), "--interrupt-after", "first", "-s")
    *_, last = events_in(tea("run", file, *words).stdout)
    assert (last["type"], last["node"], last["state"]["x"]) == ("interrupt", "first", 1)
    assert os.path.isfile(last["checkpoint"])  # noqa: PTH113 - a text of the output


@pytest.mark.parametrize("option", ["--interrupt-before", "--interrupt-after"])
def test_a_run_can_go_on_by_itself(tmp_path: Path, option: str) -> None:
    """From its checkpoint: every node runs once."""
    words = (option, "first,second", "--auto-continue", "-c", str(tmp_path))
    result = tea("run", written(tmp_path, COUNTED), *words)
    assert result.exit_code == 0
    assert result.stdout.count("   (auto-continuing...)") == 2
    assert final_state(result.stdout)["firsts"] == 1
    assert final_state(result.stdout)["y"] == 2


def test_interrupts_need_no_folder(tmp_path: Path) -> None:
    """A temporary one is made and named."""
    result = tea("run", written(tmp_path, COUNTED), "--interrupt-before", "second")
    assert result.exit_code == 0
    assert "tea_checkpoint_" in result.stderr


def test_a_run_goes_on(tmp_path: Path) -> None:
    """What was done stays done."""
    file, checkpoint = stopped(tmp_path)
    result = tea("resume", checkpoint, "-w", file)
    assert result.exit_code == 0
    assert f"Resuming from checkpoint: {checkpoint}\nInterrupted node: second\n" in result.stdout
    assert "✓ first" not in result.stdout
    assert final_state(result.stdout) == {"x": 1, "firsts": 1, "d": {"a": 1, "b": 1}, "y": 2}


def test_a_run_goes_on_with_changes(tmp_path: Path) -> None:
    """Merged dict by dict."""
    file, checkpoint = stopped(tmp_path)
    result = tea("resume", checkpoint, "-w", file, "-i", '{"x": 5, "d": {"b": 2}}')
    state = final_state(result.stdout)
    assert (state["y"], state["d"]) == (10, {"a": 1, "b": 2})


def test_going_on_is_told_to_programs(tmp_path: Path) -> None:
    """The first line is `resume`."""
    file, checkpoint = stopped(tmp_path)
    first, *_, last = events_in(tea("resume", checkpoint, "-w", file, "--stream").stdout)
    del first["timestamp"]
    assert first == {"type": "resume", "workflow": file, "checkpoint": checkpoint}
    assert (last["type"], last["state"]["y"]) == ("complete", 2)


def test_a_checkpoint_can_be_used_twice(tmp_path: Path) -> None:
    """It is not changed by going on."""
    file, checkpoint = stopped(tmp_path)
    states = [final_state(tea("resume", checkpoint, "-w", file).stdout) for _ in range(2)]
    assert states[0] == states[1]


def test_going_on_ends_like_a_run(tmp_path: Path) -> None:
    """Conditions of failure hold here too, and the output is written."""
    file, checkpoint = stopped(tmp_path)
    out = tmp_path / "out.json"
    result = tea("resume", checkpoint, "-w", file, "--fail-on-state", "y=2", "-o", str(out))
    assert result.exit_code == 1
    assert json.loads(out.read_text())["y"] == 2


def test_interrupts_of_the_file_are_dropped(tmp_path: Path) -> None:
    """Going on goes on to the end."""
    text = COUNTED + "config: {interrupt_after: [first, second]}\n"
    file = written(tmp_path, text)
    tea("run", file, "-c", str(tmp_path / "ck"))
    (checkpoint,) = (tmp_path / "ck").iterdir()
    result = tea("resume", str(checkpoint), "-w", file)
    assert final_state(result.stdout)["y"] == 2
    assert "Interrupt at" not in result.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("resume", "no.pkl", "-w", "agent.yaml"), "Error: Checkpoint file not found: no.pkl"),
        (("resume", "good.pkl", "-w", "no.yaml"), "Error: Workflow file not found: no.yaml"),
        (("resume", "bad.pkl", "-w", "agent.yaml"), "Error loading checkpoint: "),
    ],
)
def test_a_mistake_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], expected: str
) -> None:
    """On standard error, exit 1."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, TWO_NODES)
    written(tmp_path, "not a checkpoint", "bad.pkl")
    graph = StateGraph({})
    graph.add_node("first")
    graph.save_checkpoint("good.pkl", {}, "first")
    result = tea(*words)
    assert result.exit_code == 1
    assert expected in result.stderr


@pytest.mark.parametrize(
    ("answers", "status", "expected"),
    [
        ("c\n", 0, {"x": 1, "y": 2}),
        ("\n", 0, {"x": 1, "y": 2}),
        ('u\n{"x": 4}\n', 0, {"x": 4, "y": 8}),
        ("a\n", 1, None),
        ("u\n{bad\n", 1, None),
        ("u\n[1]\n", 1, None),
        ("", 1, None),
    ],
)
def test_a_person_is_asked(
    tmp_path: Path, answers: str, status: int, expected: dict[str, int] | None
) -> None:
    """Continue, update, abort; with `--interactive` also where there is no terminal."""
    words = ("--interrupt-before", "second", "-c", str(tmp_path), "--interactive")
    result = tea("run", written(tmp_path, COUNTED), *words, stdin=answers)
    assert result.exit_code == status
    if expected is None:
        assert "Completed" not in result.stdout
    else:
        state = final_state(result.stdout)
        assert {key: state[key] for key in expected} == expected
        assert state["firsts"] == 1


def test_a_person_at_a_terminal_is_asked(tmp_path: Path) -> None:
    """The checkpoint is written first; `c` goes on from it."""
    file = written(tmp_path, COUNTED)
    ours, theirs = pty.openpty()
    words = ("run", file, "--interrupt-before", "second", "-c", str(tmp_path / "ck"))
    process = subprocess.Popen(
        [sys.executable, "-m", "the_edge_agent", *words], stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, b"c\n")
    text = b""
    while select.select([ours], [], [], 20)[0]:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        text += piece
    os.close(ours)
    assert process.wait(20) == 0
    assert b"Checkpoint saved: " in text
    assert text.count("✓ first".encode()) == 1
    assert b'"y": 2' in text
    assert len(list((tmp_path / "ck").iterdir())) == 1
