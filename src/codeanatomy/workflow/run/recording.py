"""What a journaled run writes: its beginning, every step of every line, its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from codeanatomy.workflow.errors import NothingToResumeError
from codeanatomy.workflow.names import START
from codeanatomy.workflow.response import HTTPResponse
from codeanatomy.workflow.run.events import Failed, Finished, Responded
from codeanatomy.workflow.run.lane import JOINS, Lane, Run, first_lane

if TYPE_CHECKING:
    from codeanatomy.workflow.journal.rows import Ended
    from codeanatomy.workflow.journal.runs import RunLog

    State = dict[str, Any]
    Told = Finished | Failed | Responded


def begun(run: Run, state: State) -> Lane:
    """Begin a run in its thread, or go on with the one that crashed there on the same input."""
    thread = run.config.setdefault("thread_id", uuid4().hex)
    log = run.graph.journal.begin(
        str(thread),
        graph=run.graph.name or "",
        fingerprint=run.flow.fingerprint,
        state=state,
        config=run.config,
    )
    return _standing(run, log, state)


def taken_up(run: Run, updates: State | None) -> Lane | Told:
    """Go on with the last run of a thread; one that is at its end tells that again."""
    thread = run.config.get("thread_id")
    log = run.graph.journal.resume(str(thread)) if thread is not None else None
    if log is None:
        raise NothingToResumeError(
            f"the journal has no run of thread {thread!r}; give a state to begin one",
            thread_id=thread,
        )
    return _going_on(run, log, updates)


def from_checkpoint(run: Run, checkpoint: str, updates: State | None) -> Lane | Told:
    """Go on from an interrupt that the journal keeps."""
    return _going_on(run, run.graph.journal.resume_checkpoint(checkpoint), updates)


def open_line(lane: Lane, parent: Lane) -> None:
    """Record a line inside another; it goes on after its recorded steps unless it is retried."""
    lane.log = lane.run.journal.lane(lane.path, lane.state, parent.log)
    if not lane.retry:
        stand(lane)


def stand(lane: Lane) -> None:
    """Go to where the recorded steps of a line end."""
    position = lane.log.position
    if position is None:
        return
    lane.state.clear()
    lane.state.update(position.state)
    lane.attempt = position.attempt
    lane.joins = position.state.get(JOINS)
    name = position.node or position.last
    if name is None or name == START:
        return  # nothing is recorded yet: it stands where it begins
    lane.step = lane.run.flow.step(name)
    lane.left = position.node is None
    lane.taken = position.ordinal - 1


def stand_at(lane: Lane, place: dict[str, Any]) -> None:
    """Stand inside another line where an interrupt was, as far as nothing later is recorded.

    What a person answered is recorded at once: it survives a crash before the next step.
    """
    if lane.log is None:
        lane.go_to(place)
        return
    position = lane.log.position
    if position is not None and position.ordinal - 1 > place["taken"]:
        return  # the line went on after the answer
    state = place["state"] if position is None else position.state
    lane.go_to({**place, "state": {**state, **place.get("answer", {})}})
    lane.log.amend(lane.state, lane.step.name)


def replayed(run: Run, run_id: str) -> Lane:
    """Stand at the beginning of a recorded run, to be walked again along its record."""
    log = run.graph.journal.replay(run_id)
    run.unattended = True  # the recorded run went on after its interrupts
    return _standing(run, log, dict(log.state))


def _going_on(run: Run, log: RunLog | Ended, updates: State | None) -> Lane | Told:
    from codeanatomy.workflow.journal.rows import Ended  # noqa: PLC0415 - brings msgspec

    if isinstance(log, Ended):
        return _told_again(run, log)
    lane = _standing(run, log, {})
    try:
        if log.pause is not None:
            place = answered(log.pause["place"], updates or {})
            lane.go_to(place)
        elif updates:
            lane.state.update(updates)
        if updates:
            lane.log.amend(lane.state, lane.step.name)
    except BaseException:
        log.close()
        raise
    return lane


def _standing(run: Run, log: RunLog, state: State) -> Lane:
    run.journal = log
    run.config = {**log.config, **run.config}
    run.plain = False
    lane = first_lane(run, state)
    try:
        lane.log = log.lane()
        if log.resumed:
            stand(lane)
    except BaseException:
        log.close()
        raise
    return lane


def answered(place: dict[str, Any], updates: State) -> dict[str, Any]:
    """Let the one line that was told as waiting go on, with changes to its state."""
    within = place.get("within")
    if within is None:
        return {**place, "state": {**place["state"], **updates}, "answer": updates}
    if "graph" in within:
        return {**place, "within": {"graph": answered(within["graph"], updates)}}
    paused = within["paused"]
    name, branches = paused["branch"], paused["branches"]
    inner = answered(branches[name]["pause"], updates)
    branches = {**branches, name: {**branches[name], "pause": inner}}
    return {**place, "within": {**within, "paused": {"branch": name, "branches": branches}}}


def _told_again(run: Run, end: Ended) -> Told:
    if end.status != "final":
        return Failed(end.node or "", end.error or "", end.state)
    if end.node is not None:  # only an answer to a request has one
        answer = HTTPResponse(**end.output)
        if run.streaming:
            return Failed(end.node, str(answer), end.state, answer)
        return Responded(end.node, answer, end.state)
    hooks = run.graph.hooks
    shaped = hooks is not None and hooks.output is not None
    return Finished(end.state, end.output, shaped=shaped, resumed=True)
