"""A run walked again beside its record: effects are given, and the first difference is told."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NoReturn

from codeanatomy.workflow.changes import NO_CHANGE, Tracker, apply, changed_values
from codeanatomy.workflow.errors import ReplayDepartedError, UnknownRunError
from codeanatomy.workflow.journal import tables
from codeanatomy.workflow.journal.effects import Recorded, StepScope, recorded_effect, step_key
from codeanatomy.workflow.journal.rows import Departure
from codeanatomy.workflow.state import decode, decode_value, encode_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codeanatomy.workflow.journal.database import Row
    from codeanatomy.workflow.journal.history import LaneFound, Reading, RunFound
    from codeanatomy.workflow.journal.lines import LaneLog

_PAGE = 500


class ReplayLog:
    """Takes the place of a `RunLog`; `state` is the input of the recorded run.

    `steps` counts those that were as recorded.
    """

    resumed = False
    pause = None

    def __init__(self, reading: Reading, found: RunFound) -> None:
        self.run_id = found.row.run_id
        self.thread_id = found.row.thread_id
        self.config: dict[str, Any] = decode(found.config, reading.secrets)
        self.steps = 0
        self.departure: ReplayDepartedError | None = None
        self._reading = reading
        lane = reading.lane("")
        if lane is None:
            raise UnknownRunError(f"run {self.run_id} has no rows", run_id=self.run_id)
        self.state = reading.state(reading.image(lane, 0))
        self._main = ReplayLane(self, reading, lane, "", self.state)

    def lane(
        self,
        path: str = "",
        state: dict[str, Any] | None = None,
        parent: LaneLog | None = None,  # noqa: ARG002 - as above
    ) -> ReplayLane:
        """Return the record of a line to compare with."""
        if path == "":
            return self._main
        found = self._reading.lane(path)
        if found is None:
            self.depart(path, 0, "line", None, path)
        return ReplayLane(self, self._reading, found, path, {} if state is None else state)

    def interrupt(
        self, node: str, when: str, state: Mapping[str, object], place: object = None
    ) -> NoReturn:
        """Say that the walk stops for a person where the recorded run went on."""
        del state, place
        self.depart("", self.steps, "interrupt", None, f"{when} {node}")

    def finish(
        self,
        status: str,
        state: Mapping[str, object],
        *,
        output: object = None,
        node: str | None = None,
        error: str | None = None,
    ) -> None:
        """Say so if the recorded run took more steps."""
        del state, output, node, error
        following = self._main.following()
        if following is not None:
            self.depart("", following[1], "end", following[4], status)

    def close(self) -> None:
        """Nothing is held."""

    def depart(self, path: str, step: int, what: str, recorded: object, found: object) -> NoReturn:
        """Tell where the walk leaves the record: the first time counts, whoever caught it."""
        if self.departure is None:
            where = f"step {step}" + (f" of line {path}" if path else "")
            self.departure = ReplayDepartedError(
                f"the replay departs at {where} ({what}): recorded {recorded!r}, found {found!r}",
                departure=Departure(path, step, what, recorded, found),
            )
        raise self.departure


class ReplayLane:
    """One line of the record; `record` compares instead of writing."""

    position = None

    def __init__(
        self, log: ReplayLog, reading: Reading, lane: LaneFound, path: str, state: dict[str, Any]
    ) -> None:
        self.path = path
        self._log = log
        self._reading = reading
        self._image = reading.image(lane, 0)
        self._tracker = Tracker(reading.state(self._image), reading.secrets)
        self._rows = self._read(lane)
        self._take_updates(state)  # how the line opened, and an answer before its first step

    def record(  # noqa: PLR0913, PLR0917 - as a `LaneLog` has it
        self,
        ordinal: int,
        node: str,
        attempt: int,
        state: dict[str, Any],
        changes: object,
        next_node: str | None,
        started: float,
        seconds: float,
        error: str | None = None,
    ) -> None:
        """Compare a step with the recorded one; take over what a person changed after it."""
        del changes, attempt, started, seconds
        if self._log.departure is not None:
            raise self._log.departure
        row = self.following()
        if row is None or row[1] != ordinal:
            self._log.depart(self.path, ordinal, "end", None, node)
        next(self._rows)
        if row[4] != node:
            self._log.depart(self.path, ordinal, "node", row[4], node)
        if error is not None:
            self._log.depart(self.path, ordinal, "error", None, error)
        self._compare(ordinal, row, state)
        if row[5] is not None and row[5] != next_node:  # it was not chosen where a person was asked
            self._log.depart(self.path, ordinal, "next", row[5], next_node)
        self._log.steps += 1
        self._take_updates(state)

    def step(self, ordinal: int, node: str, attempt: int = 1) -> StepScope:
        """Return a scope that gives recorded effects and performs none."""
        key = step_key(self._log.run_id, self.path, ordinal, node)
        return StepScope(
            ReplayRecord(self._log, self._reading, (self.path, ordinal, node)), key, attempt
        )

    def following(self) -> Row | None:
        """Return the next recorded step without passing it."""
        row = next(self._rows, None)
        if row is not None:
            self._rows = chain((row,), self._rows)
        return row

    def _read(self, lane: LaneFound) -> Iterator[Row]:
        seq = 0
        place = (self._reading.no, lane.no)
        while page := self._reading.database.rows(tables.STEPS, (*place, seq, _PAGE)):
            for row in page:
                seq = row[0]
                if row[3] in ("step", "update"):
                    yield row

    def _compare(self, ordinal: int, row: Row, state: dict[str, Any]) -> None:
        found = self._tracker.compare(state)
        self._tracker.take(found)
        recorded = bytes(row[9])
        apply(self._image, recorded)
        now = self._tracker.image() if found.data != recorded else self._image
        if now == self._image:
            return
        if now.keys() != self._image.keys() or any(
            _timeless(now[key]) != _timeless(self._image[key])
            for key in now
            if now[key] != self._image[key]
        ):
            was = changed_values(recorded, self._image)
            self._log.depart(self.path, ordinal, "result", was, changed_values(found.data, now))
        self._stand_as_recorded(state)

    def _take_updates(self, state: dict[str, Any]) -> None:
        while (row := self.following()) is not None and row[3] == "update":
            next(self._rows)
            change = bytes(row[9])
            if change == NO_CHANGE:
                continue
            apply(self._image, change)
            self._stand_as_recorded(state)

    def _stand_as_recorded(self, state: dict[str, Any]) -> None:
        state.clear()
        state.update(self._reading.state(self._image))
        self._tracker.take(self._tracker.compare(state))


def _timeless(data: bytes) -> bytes:
    """Return the bytes of a value without how long branches took."""
    return encode_value(timeless(decode_value(data)))


def timeless(value: Any) -> Any:  # noqa: ANN401 - any value a state may hold
    """Return a value without how long branches took: a replay takes another time."""
    if type(value) in (list, tuple):
        return type(value)(map(timeless, value))
    if type(value) is dict:
        return {key: timeless(inner) for key, inner in value.items()}
    if hasattr(value, "timing_ms"):
        return timeless({**value.to_dict(), "timing_ms": 0.0})
    return value


class ReplayRecord:
    """The recorded effects of one step; a new one is a departure."""

    def __init__(self, log: ReplayLog, reading: Reading, place: tuple[str, int, str]) -> None:
        self._log, self._reading, self._place = log, reading, place

    def recorded(self) -> dict[str, Recorded]:
        """Return the effects that are there."""
        place = (self._reading.no, *self._place)
        rows = self._reading.database.rows(tables.EFFECTS_OF_STEP, place)
        return {row[0]: recorded_effect(row, self._reading.secrets) for row in rows}

    def missing(self, item: str, name: str, seen: Recorded | None) -> NoReturn:
        """Say that the walk wants an effect that was not performed then."""
        was = None if seen is None else f"{seen.name} ({seen.status})"
        self._log.depart(self._place[0], self._place[1], "effect", was, f"{item}: {name}")

    def keep(self, item: str, made: Recorded, started: float, seconds: float) -> None:
        """Nothing is written."""
