"""The live view of a run."""

from __future__ import annotations

import io

from rich.console import Console

from codeanatomy.workflow.show.live import ROWS, LiveRun


def drawn(run: LiveRun) -> str:
    """Draw the view as it is now."""
    out = io.StringIO()
    Console(file=out, width=100, force_terminal=False).print(run.table())
    return out.getvalue()


def test_what_runs_and_what_is_done_is_shown() -> None:
    """Nodes, branches, attempts, and how it stands."""
    run = LiveRun("flow")
    run.started("first")
    run.heard({"type": "state", "node": "first"})
    for _ in range(3):
        run.started("left")
    run.heard({"type": "parallel_state", "node": "left", "branch": "left-branch"})
    run.started("[bold]odd[/bold]")
    text = drawn(run)
    assert "flow · running" in text
    assert "✓" in text
    assert "left-branch" in text
    assert [line.split()[-1] for line in text.splitlines() if "left-branch" in line] == ["3"]
    assert "[bold]odd[/bold]" in text


def test_the_end_is_shown() -> None:
    """Completed, failed, or waiting."""
    for event, word in (
        ({"type": "final"}, "completed"),
        ({"type": "error", "node": "n"}, "failed"),
        ({"type": "interrupt_before", "node": "n"}, "waiting"),
    ):
        run = LiveRun("flow")
        run.heard(event)
        assert f"flow · {word}" in drawn(run)


def test_a_long_run_takes_no_more_room() -> None:
    """Only the newest nodes are kept."""
    run = LiveRun("flow")
    for number in range(ROWS * 3):
        run.heard({"type": "state", "node": f"n{number}"})
    assert len(run.done) == ROWS


def test_it_is_drawn_in_a_terminal() -> None:
    """As a context around a run."""
    out = io.StringIO()
    run = LiveRun("flow", Console(file=out, width=80, force_terminal=True))
    with run:
        run.started("only")
        run.heard({"type": "state", "node": "only"})
    assert "only" in out.getvalue()


def test_names_are_no_markup_and_steer_no_terminal() -> None:
    """Neither the title nor a node can colour, close or move anything."""
    run = LiveRun("named [/here] [red]\x1b]0;title\x07")
    run.started("[/node]\x1b[2J")
    run.heard({"type": "state", "node": "done [/x]\x9b"})
    shown = drawn(run)
    assert "named [/here] [red]" in shown
    assert "[/node]" in shown
    assert "done [/x]" in shown
    assert [mark for mark in ("\x1b]", "\x07", "\x1b[2J", "\x9b") if mark in shown] == []
