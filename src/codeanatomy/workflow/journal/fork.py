"""A run that leaves another one at a step, with a state that may be changed there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.workflow.changes import NO_CHANGE, Tracker
from codeanatomy.workflow.journal import tables
from codeanatomy.workflow.journal.history import Reading, find_run, image_at
from codeanatomy.workflow.state import digest, join

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.workflow.journal.database import Database, Execute
    from codeanatomy.workflow.secrecy import Secrets


def fork(
    database: Database,
    secrets: Secrets,
    run_id: str,
    step: int,
    changes: Mapping[str, object],
    *,
    made: str,
    thread_id: str,
    now: float,
) -> None:
    """Write the run `made`, which goes on after `step` of `run_id`; nothing of that is touched."""
    found = find_run(database, run_id)
    reading = Reading(database, found.no, secrets)
    image, after, node = image_at(reading, run_id, step, "")
    frame = join(image)
    state = reading.state(image)
    tracker = Tracker(state, secrets)
    change = tracker.compare({**state, **changes}).data
    row = found.row
    with database.transaction("fork") as execute:
        execute(tables.ADD_THREAD, (thread_id,))
        ((thread, *_),) = execute(tables.THREAD, (thread_id,))
        ((no,),) = execute(
            tables.ADD_RUN,
            (
                made,
                thread,
                row.graph,
                row.fingerprint,
                run_id,
                step,
                digest(frame),
                found.config,
                now,
            ),
        )
        execute(tables.ADD_LANE, (no, 0, "", None, None))
        execute(tables.ADD_KEYFRAME, (no, 0, 0, frame))
        if step:
            _add(execute, (no, 0, 1, step, 1, "step", node, after, now, 0.0), frame, NO_CHANGE)
        if change != NO_CHANGE:
            where = (no, 0, 2, 0, 0, "update", after or node, None, now, 0.0)
            _add(execute, where, frame, change)


def _add(execute: Execute, row: tuple[object, ...], frame: bytes, change: bytes) -> None:
    execute(tables.COPY_STEP, (*row, digest(frame), change, None))
