"""The journal: begins runs and lets them go on, tells what they did, forks and replays them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, Self
from uuid import uuid4

from codeanatomy.workflow.errors import UnknownRunError
from codeanatomy.workflow.journal import tables
from codeanatomy.workflow.journal.fork import fork
from codeanatomy.workflow.journal.history import (
    Reading,
    RunFound,
    find_run,
    image_at,
    last_row,
    run_found,
    tell_effects,
    tell_run,
    tell_runs,
    tell_steps,
)
from codeanatomy.workflow.journal.lease import Heartbeat, is_alive, release, take, this_process
from codeanatomy.workflow.journal.lines import RunKeys
from codeanatomy.workflow.journal.replay import ReplayLog
from codeanatomy.workflow.journal.rows import Ended
from codeanatomy.workflow.journal.runs import RunLog, go_on
from codeanatomy.workflow.secrecy import Secrets
from codeanatomy.workflow.state import decode, digest, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from codeanatomy.workflow.journal.database import Database, Execute
    from codeanatomy.workflow.journal.lease import Holder, Lease
    from codeanatomy.workflow.journal.rows import EffectRow, Position, RunRow, StepRow

VERSION: Final = "1.0"
"""Of a checkpoint, as the old files say it."""


class Journal:
    """Runs and what they did, in a database; made by `open_journal`.

    `secrets` are never written. `observer` hears `before:NAME` and `after:NAME` around each write.
    """

    def __init__(
        self,
        database: Database,
        *,
        secrets: Secrets | None = None,
        clock: Callable[[], float] = time.time,
        holder: Callable[[], Holder] = this_process,
    ) -> None:
        self.secrets = secrets or Secrets()
        self.uri = database.uri
        self._database = database
        self._clock = clock
        self._holder = holder
        self._heartbeat = Heartbeat(database, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def observe(self, observer: Callable[[str], None] | None) -> None:
        """Let `observer` hear of every write from now on."""
        self._database.observer = observer

    def close(self) -> None:
        """Let go of the database; it opens itself again when it is used."""
        self._database.close()

    def begin(
        self,
        thread_id: str,
        *,
        graph: str = "",
        fingerprint: str = "",
        state: Mapping[str, object],
        config: Mapping[str, object] | None = None,
    ) -> RunLog:
        """Take a thread and begin a run in it; raises `ThreadBusyError`.

        Where the thread's last run crashed on the same input, that run goes on; on another input
        it is abandoned.
        """
        frame = encode(state, self.secrets)
        first, kept = digest(frame), encode(dict(config or {}), self.secrets)
        with self._database.transaction("begin") as execute:
            lease = self._take(execute, thread_id)
            last = execute(tables.LAST_RUN, (thread_id,))
            found = run_found(last[0]) if last else None
            crashed = found is not None and found.row.status == "running"
            if found is not None and crashed and found.input == first:
                execute(tables.GO_ON, (found.no,))
            else:
                if found is not None and crashed:
                    execute(tables.ABANDON, (self._clock(), found.no))
                found = None
                run_id = _new_id(self._clock())
                now = self._clock()
                row = (run_id, lease.no, graph, fingerprint, None, None, first, kept, now)
                ((no,),) = execute(tables.ADD_RUN, row)
                execute(tables.ADD_LANE, (no, 0, "", None, None))
                execute(tables.ADD_KEYFRAME, (no, 0, 0, frame))
        if found is not None:
            return self._going_on(found, lease, dict(config or {}))
        keys = RunKeys(self._database, self.secrets, self._clock, no, run_id, lease)
        log = RunLog(keys, dict(config or {}), self._heartbeat)
        main = log.lane()
        main.begin(state, None)
        main.begun(0, frame)
        return log

    def resume(
        self, thread_id: str | None = None, *, run_id: str | None = None
    ) -> RunLog | Ended | None:
        """Take up the last run of a thread, or a run by its id; None where there is none.

        One that crashed, failed or was interrupted goes on; of one that came to its end the end is
        told. Raises `ThreadBusyError` where it is being run.
        """
        if run_id is not None:
            found = find_run(self._database, run_id)
        else:
            rows = self._database.rows(tables.LAST_RUN, (thread_id,))
            if not rows:
                return None
            found = run_found(rows[0])
        if found.row.status == "final":
            return self._ended(found)
        with self._database.transaction("resume") as execute:
            lease = self._take(execute, found.row.thread_id)
            found = run_found(execute(tables.RUN, (found.row.run_id,))[0])
            if found.row.status == "final":  # another process brought it to its end meanwhile
                execute(tables.RELEASE, (lease.no, lease.token))
            else:
                execute(tables.GO_ON, (found.no,))
        if found.row.status == "final":
            return self._ended(found)
        return self._going_on(found, lease, None)

    def checkpoint(self, checkpoint_id: str) -> dict[str, Any]:
        """Return what an interrupt kept; raises `UnknownRunError`."""
        run_id, _, node, moment, body, made = self._checkpoint_row(checkpoint_id)
        kept = decode(bytes(body), self.secrets)
        return {
            "state": kept["state"],
            "node": node,
            "config": kept["config"],
            "timestamp": made,
            "version": VERSION,
            "when": moment,
            "place": kept["place"],
            "run_id": run_id,
        }

    def resume_checkpoint(self, checkpoint_id: str) -> RunLog:
        """Go on from an interrupt, with `pause` set to what it kept.

        Where its run has gone on already, a fork of it goes on: what is stored stays as it is.
        """
        run_id, seq, *_ = self._checkpoint_row(checkpoint_id)
        found = find_run(self._database, run_id)
        last = self._database.rows(tables.LAST_CHECKPOINT, (found.no,))[0][0]
        moved = self._database.rows(tables.STEPS_AFTER, (found.no, seq))[0][0] > 0
        if found.row.status == "final" or last != checkpoint_id or moved:
            step = self._database.rows(tables.STEP_AT, (found.no, seq))
            run_id = self.fork(run_id, step[0][0] if step else 0)
        log = self.resume(run_id=run_id)
        assert isinstance(log, RunLog)  # noqa: S101 - the run is there, and not at its end
        if log.pause is None:
            log.pause = self.checkpoint(checkpoint_id)
        return log

    def runs(self, thread_id: str | None = None) -> list[RunRow]:
        """List runs, oldest first."""
        return tell_runs(self._database, thread_id)

    def run(self, run_id: str) -> RunRow:
        """Return one run; raises `UnknownRunError`."""
        return tell_run(self._database, run_id)

    def steps(self, run_id: str, lane: str | None = None) -> list[StepRow]:
        """List the steps of a run with what each changed; secrets stay hidden."""
        return tell_steps(self._reading(run_id), lane)

    history = steps

    def effects(self, run_id: str) -> list[EffectRow]:
        """List the effects of a run; secrets stay hidden."""
        return tell_effects(self._reading(run_id), run_id)

    def state_at(self, run_id: str, step: int, lane: str = "") -> dict[str, Any]:
        """Return the state after a step; 0 is the input. Secrets stay hidden."""
        reading = self._reading(run_id)
        return reading.state(image_at(reading, run_id, step, lane)[0])

    def fork(
        self,
        run_id: str,
        step: int,
        changes: Mapping[str, object] | None = None,
        *,
        thread_id: str | None = None,
    ) -> str:
        """Make a run that goes on after a step of another, with `changes` in its state.

        Its thread is named like the run itself where none is given; `resume` takes it up.
        """
        made = _new_id(self._clock())
        fork(
            self._database,
            self.secrets,
            run_id,
            step,
            changes or {},
            made=made,
            thread_id=thread_id or made,
            now=self._clock(),
        )
        return made

    def replay(self, run_id: str) -> ReplayLog:
        """Return what stands in for the record of a run that is walked again; nothing is written.

        Recorded effects are given, none is called; the first difference from the recorded path is
        `ReplayDepartedError`.
        """
        found = find_run(self._database, run_id)
        return ReplayLog(Reading(self._database, found.no, self.secrets), found)

    def _reading(self, run_id: str) -> Reading:
        return Reading(self._database, find_run(self._database, run_id).no)

    def _take(self, execute: Execute, thread_id: str) -> Lease:
        return take(execute, thread_id, self._clock(), self._holder(), is_alive)

    def _going_on(self, found: RunFound, lease: Lease, config: dict[str, Any] | None) -> RunLog:
        """Make the record of a run that was written before, and say so in it if it crashed."""
        keys = RunKeys(self._database, self.secrets, self._clock, found.no, found.row.run_id, lease)
        try:
            kept = decode(found.config, self.secrets)
            log = RunLog(keys, {**kept, **(config or {})}, self._heartbeat)
            log.resumed = True
            main = log.lane()
            go_on(main, keys)
            place = main.position
            if found.row.status == "running" and place is not None and not _is_fresh(found):
                main.lose(place)
                go_on(main, keys)
            log.pause = self._pause(found, main.position)
        except BaseException:
            release(self._database, lease)
            raise
        return log

    def _pause(self, found: RunFound, position: Position | None) -> dict[str, Any] | None:
        """Return what the run waits at, with the state as it is now."""
        last = self._database.rows(tables.LAST_CHECKPOINT, (found.no,))
        if not last or self._database.rows(tables.STEPS_AFTER, (found.no, last[0][1]))[0][0]:
            return None
        pause = self.checkpoint(last[0][0])
        if position is not None and isinstance(pause["place"], dict):
            pause["state"] = pause["place"]["state"] = position.state
        return pause

    def _ended(self, found: RunFound) -> Ended:
        reading = Reading(self._database, found.no, self.secrets)
        lane = reading.lane("")
        state = {} if lane is None else last_row(reading, lane).position.state
        output = decode(found.output, self.secrets)["output"] if found.output else None
        row = found.row
        return Ended(row.run_id, row.status, state, output, row.node, row.error)

    def _checkpoint_row(self, checkpoint_id: str) -> tuple[Any, ...]:
        found = self._database.rows(tables.CHECKPOINT, (checkpoint_id,))
        if not found:
            raise UnknownRunError(
                f"the journal {self.uri} has no checkpoint {checkpoint_id!r}",
                checkpoint=checkpoint_id,
            )
        return found[0]


def _is_fresh(found: RunFound) -> bool:
    """Say whether a fork has not been run at all yet."""
    return found.row.parent is not None and found.row.resumed == 0


def _new_id(now: float) -> str:
    """Return an id that sorts by time."""
    return f"{int(now * 1000):012x}{uuid4().hex[:12]}"
