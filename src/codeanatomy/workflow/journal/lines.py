"""The record of one line of a run: the main one, or a branch; each step is one durable row.

Rows hold what changed. Now and then a whole state is kept beside them (a keyframe), so that the
state at any step is one keyframe and the changes after it. A branch begins from the state of the
line it split from, and only what differs is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from codeanatomy.workflow.changes import NO_CHANGE, Tracker
from codeanatomy.workflow.errors import LeaseLostError
from codeanatomy.workflow.journal import tables
from codeanatomy.workflow.journal.effects import (
    AWAITED,
    DONE,
    Recorded,
    StepScope,
    recorded_effect,
    step_key,
)
from codeanatomy.workflow.names import START
from codeanatomy.workflow.state import digest, encode_value, join

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.journal.database import Database, Execute
    from codeanatomy.workflow.journal.lease import Lease
    from codeanatomy.workflow.journal.rows import Position
    from codeanatomy.workflow.secrecy import Secrets

FAR: Final = 500
"""Rows after which a keyframe is due at the latest."""

_SMALL: Final = 4096


class RunKeys:
    """What every row of a run is written with."""

    __slots__ = ("clock", "database", "lease", "no", "run_id", "secrets")

    def __init__(
        self,
        database: Database,
        secrets: Secrets,
        clock: Callable[[], float],
        no: int,
        run_id: str,
        lease: Lease,
    ) -> None:
        self.database, self.secrets, self.clock = database, secrets, clock
        self.no, self.run_id, self.lease = no, run_id, lease

    def write(self, name: str, sql: str, values: tuple[object, ...]) -> None:
        """Write one row, unless the thread is no longer ours."""
        lease = self.lease
        if not self.database.write(name, sql, (*values, lease.no, lease.token)):
            raise self.lost()

    def add_step(self, execute: Execute, values: tuple[object, ...]) -> None:
        """Write a step among other rows."""
        values = (*values, self.lease.no, self.lease.token)
        if not execute(tables.ADD_STEP + " returning seq", values):
            raise self.lost()

    def lost(self) -> LeaseLostError:
        """Make the error of a run whose thread is no longer in its hands."""
        return LeaseLostError(
            f"the thread {self.lease.thread_id!r} is not in the hands of run {self.run_id} any "
            "more: it was given back, or another process took it",
            thread_id=self.lease.thread_id,
            run_id=self.run_id,
        )


class LaneLog:
    """Where one line writes its steps; a line belongs to one thread at a time.

    `position` says where it goes on; None at its beginning.
    """

    def __init__(self, keys: RunKeys, path: str) -> None:
        self.path = path
        self.position: Position | None = None
        self.seq = 0
        self.no: int | None = None
        self._keys = keys
        self._tracker: Tracker | None = None
        self._inputs = b""
        self._frame = 0  # bytes of the last keyframe
        self._since = 0  # bytes of the changes since
        self._parent: tuple[int, int] | None = None
        self._opening: bytes | None = None  # what is written with the first row

    def begin(self, state: Mapping[str, object], parent: LaneLog | None) -> None:
        """Start a line that has no rows, on this state."""
        if parent is not None and parent.no is not None and parent._tracker is not None:  # noqa: SLF001 - another line
            self._parent = (parent.no, parent.seq)
            self._frame, self._tracker = parent._frame, parent._tracker.fork()  # noqa: SLF001 - as above
            found = self._tracker.compare(state)
            self._tracker.take(found)
            self._opening = None if found.data == NO_CHANGE else found.data
            self._inputs = digest(found.data, parent._inputs)  # noqa: SLF001 - as above
        else:
            self._tracker = Tracker(state, self._keys.secrets)
            self._opening = join(self._tracker.image())
            self._inputs = digest(self._opening)
            self._frame = len(self._opening)

    def begun(self, no: int, frame: bytes) -> None:
        """Know that the line and its first state are written."""
        self.no, self._opening, self._frame = no, None, len(frame)

    def go_on(self, no: int, position: Position, seq: int, inputs: bytes) -> None:
        """Continue a line after its last row."""
        self.no, self.position, self.seq, self._inputs = no, position, seq, inputs
        self._tracker = Tracker(position.state, self._keys.secrets)
        self._frame = sum(map(len, self._tracker.image().values()))

    def opening(self) -> bytes:
        """Return the bytes of the state that the line begins on."""
        assert self._opening is not None  # noqa: S101 - asked between `begin` and `begun`
        return self._opening

    def record(  # noqa: PLR0913, PLR0917 - one row
        self,
        ordinal: int,
        node: str,
        attempt: int,
        state: Mapping[str, object],
        changes: object,  # noqa: ARG002 - states are compared: a value changed in place is in none
        next_node: str | None,
        started: float,
        seconds: float,
        error: str | None = None,
    ) -> None:
        """Write a step; when this returns it survives the process.

        With an `error` the attempt failed, and the state is as it was.
        """
        if error is not None:
            error = self._keys.secrets.clean(error)
            row = (ordinal, attempt, "failed", node, next_node, started, seconds)
            self._write(row, NO_CHANGE, error)
            return
        row = (ordinal, attempt, "step", node, next_node, started, seconds)
        self._write(row, self._change(state), None)

    def amend(self, state: Mapping[str, object], node: str) -> None:
        """Write that a person changed the state before the next step, if anything differs."""
        change = self._change(state)
        if change != NO_CHANGE:
            self._write((0, 0, "update", node, None, self._keys.clock(), 0.0), change, None)

    def lose(self, position: Position) -> None:
        """Write that the process ended before the next step was recorded."""
        node = position.node or position.last or START
        row = (position.ordinal, position.attempt, "lost", node, position.node)
        self._write((*row, self._keys.clock(), 0.0), NO_CHANGE, None)

    def step(self, ordinal: int, node: str, attempt: int = 1) -> StepScope:
        """Return the scope in which the effects of a step are performed."""
        key = step_key(self._keys.run_id, self.path, ordinal, node)
        return StepScope(StepRecord(self._keys, self.path, ordinal, node), key, attempt)

    def _change(self, state: Mapping[str, object]) -> bytes:
        tracker = self._tracker
        if tracker is None:
            raise self._keys.lost()
        found = tracker.compare(state)
        tracker.take(found)
        return found.data

    def _write(self, row: tuple[object, ...], change: bytes, error: str | None) -> None:
        keys, tracker = self._keys, self._tracker
        if tracker is None:
            raise keys.lost()
        self._tracker = None  # until the row is written: a line that failed to write is over
        if self.no is None:
            self._first(row, change, error)
        else:
            values = (keys.no, self.no, self.seq + 1, *row, self._inputs, change, error)
            self._since += len(change)
            if self._since > max(self._frame, _SMALL) or (self.seq + 1) % FAR == 0:
                self._with_frame(values, join(tracker.image()))
            else:
                keys.write("record", tables.ADD_STEP, values)
        if change != NO_CHANGE:
            self._inputs = digest(change, self._inputs)
        self.seq += 1
        self._tracker = tracker

    def _first(self, row: tuple[object, ...], change: bytes, error: str | None) -> None:
        """Write the line, how its first state differs from the one it left, and its first row."""
        keys = self._keys
        with keys.database.transaction("lane") as execute:
            execute(tables.HOLD_RUN, (keys.no,))  # one line at a time gets a number
            ((no,),) = execute(tables.NEXT_LANE, (keys.no,))
            execute(tables.ADD_LANE, (keys.no, no, self.path, *(self._parent or (None, None))))
            if self._parent is None:
                execute(tables.ADD_KEYFRAME, (keys.no, no, 0, self._opening))
            elif self._opening is not None:
                opening = (0, 0, "update", START, None, 0.0, 0.0, self._inputs, self._opening, None)
                keys.add_step(execute, (keys.no, no, 1, *opening))
                self.seq = 1
            values = (keys.no, no, self.seq + 1, *row, self._inputs, change, error)
            keys.add_step(execute, values)
        self.no, self._opening = no, None

    def _with_frame(self, values: tuple[object, ...], frame: bytes) -> None:
        """Write a row and the whole state after it."""
        keys = self._keys
        with keys.database.transaction("keyframe") as execute:
            keys.add_step(execute, values)
            execute(tables.ADD_KEYFRAME, (keys.no, self.no, values[2], frame))
        self._frame, self._since = len(frame), 0


class StepRecord:
    """The effects of one step in the journal."""

    __slots__ = ("_keys", "_node", "_ordinal", "_path")

    def __init__(self, keys: RunKeys, path: str, ordinal: int, node: str) -> None:
        self._keys, self._path, self._ordinal, self._node = keys, path, ordinal, node

    def recorded(self) -> dict[str, Recorded]:
        """Return the effects that are there."""
        keys = self._keys
        place = (keys.no, self._path, self._ordinal, self._node)
        return {
            row[0]: recorded_effect(row, keys.secrets)
            for row in keys.database.rows(tables.EFFECTS_OF_STEP, place)
        }

    def keep(self, item: str, made: Recorded, started: float, seconds: float) -> None:
        """Write an effect; when this returns it survives the process."""
        keys, error = self._keys, made.error
        done = made.status in (DONE, AWAITED)
        values = (
            keys.no,
            self._path,
            self._ordinal,
            self._node,
            item,
            made.name,
            made.attempt,
            made.digest,
            made.status,
            encode_value(made.result, f"effect {made.name}", keys.secrets) if done else None,
            None if error is None else keys.secrets.clean(error),
            started,
            seconds,
        )
        keys.write("effect", tables.ADD_EFFECT, values)

    def missing(self, item: str, name: str, seen: Recorded | None) -> None:
        """Let it be performed."""
