"""A few lines that walk steps into a journal, as the loop of a run does it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.journal.runs import RunLog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codeanatomy.workflow.journal.base import Journal
    from codeanatomy.workflow.journal.lines import LaneLog
    from codeanatomy.workflow.journal.replay import ReplayLane, ReplayLog
    from codeanatomy.workflow.journal.rows import Position

    State = dict[str, Any]
    Step = Callable[[State], State | None]
    Log = RunLog | ReplayLog
    Lane = LaneLog | ReplayLane


class Stopped(Exception):  # noqa: N818 - a run that is left where it stands, not an error
    """The process would have died here."""


def walk(
    lane: Lane, steps: Sequence[tuple[str, Step]], state: State, *, die_in: int | None = None
) -> State:
    """Take the steps that are not recorded yet; a step returns its update, or changes in place."""
    done, attempt = 0, 1
    if lane.position is not None:
        done, attempt = lane.position.ordinal - 1, lane.position.attempt
        state.clear()
        state.update(lane.position.state)
    for number, (name, run) in enumerate(steps[done:], start=done + 1):
        with lane.step(number, name, attempt).here():
            if number == die_in:
                raise Stopped
            changes = run(state) or {}
        state.update(changes)
        after = steps[number][0] if number < len(steps) else "__end__"
        lane.record(number, name, attempt, state, changes, after, float(number), 0.5)
        attempt = 1
    return state


def run(
    journal: Journal,
    steps: Sequence[tuple[str, Step]],
    state: State,
    thread: str = "t",
    *,
    die_in: int | None = None,
) -> str:
    """Run steps to the end, or leave them in the middle of one as a crash would."""
    begun = journal.begin(thread, graph="g", state=state, config={"thread_id": thread})
    with begun as log, suppress(Stopped):
        log.finish("final", walk(log.lane(), steps, dict(state), die_in=die_in))
    return log.run_id


def go_on(journal: Journal, steps: Sequence[tuple[str, Step]], thread: str = "t") -> State:
    """Take up the thread's last run, to its end; return the last state."""
    with taken_up(journal, thread) as log:
        state = walk(log.lane(), steps, {})
        log.finish("final", state)
    return state


def taken_up(journal: Journal, thread: str = "t") -> RunLog:
    """Take up a run that is not at its end."""
    log = journal.resume(thread)
    assert isinstance(log, RunLog)
    return log


def standing(log: RunLog, path: str = "") -> Position:
    """Say where a line goes on."""
    position = log.lane(path).position
    assert position is not None
    return position
