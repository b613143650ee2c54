"""What comes from a state, a file or a model cannot steer the terminal that shows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from the_edge_agent.cli import app
from typer.testing import CliRunner, Result

if TYPE_CHECKING:
    from pathlib import Path

STEERING = "\x1b]0;title\x07\x1b[2J\x9b2J\u202e\rover"
MARKS = ("\x1b", "\x07", "\x9b", "\u202e", "\r")


def tea(*words: str) -> Result:
    """Run the command line; colours are kept as at a terminal."""
    return CliRunner().invoke(app, list(words), color=True)


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    """Write a file whose name, variables, states and errors steer terminals."""
    file: dict[str, Any] = {
        "name": f"named {STEERING}",
        "description": STEERING,
        "variables": {"v": STEERING},
        "settings": {"journal": f"sqlite:///{tmp_path / 'journal.db'}"},
        "nodes": [
            {"name": "kept", "run": "return {'k': variables['v'], variables['v']: [1]}"},
            {"name": "fails", "run": "raise ValueError(variables['v'] if state.get('f') else '')"},
        ],
    }
    path = tmp_path / "agent.yaml"
    path.write_text(yaml.safe_dump(file))
    return path


@pytest.mark.parametrize(
    "words",
    [
        ["run", "{agent}", "--input", '{{"f": 1}}'],
        ["run", "{agent}", "--input", '{{"f": 1}}', "--stream"],
        ["run", "{agent}", "--input", '{{"f": 1}}', "-v", "--heartbeat"],
        ["run", "{agent}", "--input", '{{"f": 1}}', "--show-graph"],
        ["run", "{agent}", "--interrupt-after", "kept", "--auto-continue"],
        ["inspect", "{agent}"],
        ["inspect", "{agent}", "-f", "json"],
        ["validate", "{agent}", "--detailed"],
    ],
)
def test_no_command_lets_it_through(agent: Path, words: list[str]) -> None:
    """Control characters are spelt out, and nothing else of the text is lost."""
    shown = tea(*(word.format(agent=agent) for word in words)).output
    assert [mark for mark in MARKS if mark in shown] == []
    assert "]0;title" in shown


def test_history_and_show_spell_it_out(agent: Path) -> None:
    """The runs of a journal are shown without steering either, and as JSON nothing changes."""
    tea("run", str(agent), "--input", json.dumps({"f": 1}))
    journal = f"sqlite:///{agent.parent / 'journal.db'}"
    listed = tea("history", "--journal", journal, "--json").output
    (row,) = json.loads(listed)
    assert row["graph"] == f"named {STEERING}"
    for words in (["history"], ["show", row["run"]], ["show", row["run"], "--json"]):
        shown = tea(*words, "--journal", journal).output
        assert [mark for mark in MARKS if mark in shown] == [], words
        assert "]0;title" in shown, words


def test_half_a_pair_is_printed(tmp_path: Path) -> None:
    """A state with half a surrogate pair is printed, and written to a file."""
    path, out = tmp_path / "agent.yaml", tmp_path / "out.json"
    path.write_text("nodes:\n- name: a\n  run: 'return {\"k\": chr(0xd800)}'\n")
    done = tea("run", str(path), "--output", str(out))
    assert (done.exit_code, "\\ud800" in done.output) == (0, True)
    assert json.loads(out.read_text())["k"] == "\ud800"
