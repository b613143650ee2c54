"""What a journal knows about its runs: rows, the state at any step, and where a line ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from codeanatomy.workflow.changes import NO_CHANGE, Image, apply, changed_values, gone_keys
from codeanatomy.workflow.errors import JournalError, UnknownRunError
from codeanatomy.workflow.journal import tables
from codeanatomy.workflow.journal.effects import effect_key, step_key
from codeanatomy.workflow.journal.rows import EffectRow, Position, RunRow, StepRow
from codeanatomy.workflow.state import decode_value, digest, part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.workflow.journal.database import Database, Row
    from codeanatomy.workflow.secrecy import Secrets

_PAGE = 1000


class RunFound(NamedTuple):
    """The row of a run, and what only the journal itself needs of it."""

    row: RunRow
    no: int
    input: bytes
    config: bytes
    output: bytes | None


class LaneFound(NamedTuple):
    """The row of a line: its number, and the row of another line that it began after."""

    no: int
    parent: int | None
    parent_seq: int | None


class LastRow(NamedTuple):
    """Where a line ends, and the digest of the state there."""

    position: Position
    seq: int
    inputs: bytes


class Reading:
    """The rows of one run; with `secrets` those that are known are put back into states."""

    def __init__(self, database: Database, no: int, secrets: Secrets | None = None) -> None:
        self.database, self.no, self.secrets = database, no, secrets

    def lane(self, path: str) -> LaneFound | None:
        """Return a line by its path."""
        found = self.database.rows(tables.LANE, (self.no, path))
        return LaneFound(*found[0]) if found else None

    def image(self, lane: LaneFound, seq: int) -> Image:
        """Return the state after a row of a line, value by value."""
        frames = self.database.rows(tables.KEYFRAME, (self.no, lane.no, seq))
        if frames:
            ((start, frame),) = frames
            image = part(bytes(frame))
        elif lane.parent is None:
            raise JournalError(f"line {lane.no} of run {self.no} has lost its first state")
        else:
            start, image = 0, self._parent_image(lane)
        for _, change in self.database.rows(tables.CHANGES, (self.no, lane.no, start, seq)):
            if change != NO_CHANGE:
                apply(image, bytes(change))
        return image

    def state(self, image: Image) -> dict[str, Any]:
        """Put a state together."""
        return {key: decode_value(data, self.secrets) for key, data in image.items()}

    def steps(self, lane: LaneFound, path: str) -> Iterator[StepRow]:
        """Tell the rows of a line in their order."""
        image = self.image(lane, 0)
        seq = 0
        while page := self.database.rows(tables.STEPS, (self.no, lane.no, seq, _PAGE)):
            for row in page:
                seq, change = row[0], bytes(row[9])
                apply(image, change)
                yield _step(path, row, change, image)

    def _parent_image(self, lane: LaneFound) -> Image:
        ((_, parent, parent_seq),) = self.database.rows(
            tables.LANE_BY_NUMBER, (self.no, lane.parent)
        )
        assert lane.parent is not None  # noqa: S101 - `image` has looked
        above = LaneFound(lane.parent, parent, parent_seq)
        return self.image(above, lane.parent_seq or 0)


def last_row(reading: Reading, lane: LaneFound) -> LastRow:
    """Return where a line ends; the digest is that of its state."""
    place = (reading.no, lane.no)
    rows = reading.database.rows(tables.LAST_STEP, place)
    if not rows:
        image = reading.image(lane, 0)
        position = Position(1, None, reading.state(image), 1, None)
        return LastRow(position, 0, b"")
    seq, inputs, change = rows[0][0], bytes(rows[0][8]), bytes(rows[0][9])
    done = reading.database.rows(tables.LAST_DONE, place)
    ordinal, after, last = (done[0][1] + 1, done[0][5], done[0][4]) if done else (1, None, None)
    tried = reading.database.rows(tables.LAST_TRIED, (*place, done[0][0] if done else 0))
    ((attempts,),) = reading.database.rows(tables.ATTEMPTS, (*place, ordinal))
    position = Position(
        ordinal=ordinal,
        node=tried[0][0] if tried else after,
        state=reading.state(reading.image(lane, seq)),
        attempt=attempts + 1,
        last=last,
    )
    return LastRow(position, seq, inputs if change == NO_CHANGE else digest(change, inputs))


def find_run(database: Database, run_id: str) -> RunFound:
    """Return a run; raises `UnknownRunError`."""
    found = database.rows(tables.RUN, (run_id,))
    if not found:
        raise UnknownRunError(f"the journal {database.uri} has no run {run_id!r}", run_id=run_id)
    return run_found(found[0])


def tell_run(database: Database, run_id: str) -> RunRow:
    """Return a run with the number of its steps; raises `UnknownRunError`."""
    found = find_run(database, run_id)
    counted: dict[int, int] = dict(database.rows(tables.COUNT, (found.no,)))
    return msgspec.structs.replace(found.row, steps=counted.get(found.no, 0))


def run_found(row: Row, steps: int = 0) -> RunFound:
    """Make a run of its row."""
    no, run_id, thread, graph, mark, status, node, error, parent, parent_step = row[:10]
    first, config, output, began, ended, resumed = row[10:]
    told = RunRow(
        run_id, thread, graph, mark, status, began, ended, steps, node, error, parent, parent_step,
        resumed,
    )  # fmt: skip
    return RunFound(told, no, bytes(first), bytes(config), output and bytes(output))


def tell_runs(database: Database, thread_id: str | None) -> list[RunRow]:
    """List runs with the number of their steps, oldest first."""
    if thread_id is None:
        rows, counted = database.rows(tables.RUNS), database.rows(tables.COUNTS)
    else:
        rows = database.rows(tables.RUNS_OF_THREAD, (thread_id,))
        counted = database.rows(tables.COUNTS_OF_THREAD, (thread_id,))
    steps: dict[int, int] = dict(counted)
    return [run_found(row, steps.get(row[0], 0)).row for row in rows]


def tell_steps(reading: Reading, lane: str | None) -> list[StepRow]:
    """List the rows of a run in the order of their beginning; of one line where it is named."""
    lines = reading.database.rows(tables.LANES, (reading.no,))
    found: list[StepRow] = []
    for _, path in sorted(lines):
        line = reading.lane(path) if lane in (None, path) else None
        if line is not None:
            found.extend(reading.steps(line, path))
    return found if lane is not None else sorted(found, key=lambda step: step.started)


def tell_effects(reading: Reading, run_id: str) -> list[EffectRow]:
    """List the effects of a run in the order of their beginning."""
    return [_effect(reading, run_id, row) for row in reading.database.rows(
        tables.EFFECTS, (reading.no,))]  # fmt: skip


def image_at(reading: Reading, run_id: str, step: int, path: str) -> tuple[Image, str | None, str]:
    """Return the state after a step, the node that came next and the step's own; 0: the input."""
    lane = reading.lane(path)
    if lane is None:
        raise UnknownRunError(f"run {run_id} has no line {path!r}", run_id=run_id, lane=path)
    if step == 0:
        return reading.image(lane, 0), None, ""
    rows = reading.database.rows(tables.STEP_BY_ORDINAL, (reading.no, lane.no, step))
    if not rows:
        last = last_row(reading, lane).position.ordinal - 1
        raise UnknownRunError(
            f"run {run_id} has no step {step}; the last of its line is {last}",
            run_id=run_id,
            step=step,
            last=last,
        )
    return reading.image(lane, rows[0][0]), rows[0][5], rows[0][4]


def _step(path: str, row: Row, change: bytes, image: Image) -> StepRow:
    _, ordinal, attempt, kind, node, after, started, seconds, inputs, _, error = row
    return StepRow(
        lane=path,
        step=ordinal,
        attempt=attempt,
        kind=kind,
        node=node,
        next_node=after,
        started=started,
        seconds=seconds,
        inputs=bytes(inputs).hex(),
        changed=changed_values(change, image),
        gone=gone_keys(change),
        error=error,
    )


def _effect(reading: Reading, run_id: str, row: Row) -> EffectRow:
    path, ordinal, node, item, name, attempt, status, started, seconds, result, error = row
    value = None if result is None else decode_value(bytes(result), reading.secrets)
    key = effect_key(step_key(run_id, path, ordinal, node), item)
    return EffectRow(
        key, path, ordinal, node, name, attempt, status, started, seconds, value, error
    )
