"""Labels in commands, and commands that are ended."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codeanatomy.workflow.dot.command import fill, run_command
from codeanatomy.workflow.dot.parse import parse_dot_string
from codeanatomy.workflow.errors import CommandFailedError, DotSyntaxError

if TYPE_CHECKING:
    from pathlib import Path

LABELS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@settings(max_examples=30, deadline=None)
@given(LABELS)
@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("{{ item }}", "{}"),
        ("'<{{item}}>'", "<{}>"),
        ('"<{item}>"', "<{}>"),
        ("\"'{label}'\"", "'{}'"),
    ],
)
def test_a_shell_reads_the_label_as_it_is(place: str, shown: str, label: str) -> None:
    """Outside quotes, in single ones, in double ones."""
    expected = shown.format(label)
    words = ["sh", "-c", fill(f"printf %s {place}", label)]
    assert subprocess.run(words, capture_output=True, check=True).stdout.decode() == expected


def test_a_place_is_filled_more_than_once() -> None:
    """Each as its quotes need it."""
    assert fill("a {item} '{item}'", "it's") == "a 'it'\"'\"'s' 'it'\\''s'"


def test_a_command_that_takes_too_long_is_ended_with_all_it_started(tmp_path: Path) -> None:
    """Its group of processes is killed."""
    pid = tmp_path / "pid"
    with pytest.raises(CommandFailedError, match=r"timed out after 0\.2s"):
        run_command("n", f"sleep 30 & echo $! > {pid}; wait", 0.2)
    number = int(pid.read_text())
    for _ in range(100):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return
        words = ["ps", "-o", "stat=", "-p", str(number)]
        state = subprocess.run(words, capture_output=True, text=True, check=False)
        if not state.stdout.strip() or state.stdout.startswith("Z"):
            return
        time.sleep(0.02)
    pytest.fail("the sleep lives on")


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from('digraph {}[]->;,="\\<>ab \n/*#:+'), max_size=60))
def test_any_text_is_a_drawing_or_a_syntax_error(text: str) -> None:
    """Never another exception."""
    try:
        parse_dot_string(f"digraph {{ {text} }}")
    except DotSyntaxError as error:
        assert error.facts["line"]  # noqa: PT017 - both outcomes are right
