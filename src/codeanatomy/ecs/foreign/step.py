"""The steps of a native processor: begun with rows, committed for new columns, or aborted."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.ecs.foreign.abi import AnatomyTick, Slot
from codeanatomy.ecs.foreign.failure import InFlightError, NotInFlightError

if TYPE_CHECKING:
    import pyarrow as pa

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.foreign.library import Functions


class Moment(NamedTuple):
    """What a library is told besides the rows."""

    tick: int = 0
    chance: int = 0
    archetype: Archetype = ()


class _Flight:
    """One begun step and what it holds until it ends."""

    def __init__(self, moment: Moment, batch: pa.RecordBatch) -> None:
        self.tick = AnatomyTick(
            moment.tick, moment.chance, batch.num_rows, ",".join(moment.archetype).encode()
        )
        self.rows = Slot()
        self.rows.put(batch)
        self.handle = ctypes.c_void_p()


class Steps:
    """The steps in flight of one processor, one a table at most."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._flights: dict[Archetype, _Flight] = {}

    @property
    def in_flight(self) -> tuple[Archetype, ...]:
        """The tables whose step was begun and has not ended."""
        return tuple(self._flights)

    def begin(self, batch: pa.RecordBatch, moment: Moment) -> None:
        """Hand the rows of a table over; raises `InFlightError` when its step is under way."""
        if moment.archetype in self._flights:
            raise InFlightError(
                f"{self._functions.where} is already at the table of "
                f"({', '.join(moment.archetype)}); commit or abort that step first",
                archetype=moment.archetype,
            )
        flight = _Flight(moment, batch)
        if self._functions.staged:
            try:
                self._functions.checked(
                    self._functions.begin,
                    ctypes.byref(flight.tick),
                    ctypes.byref(flight.rows.schema),
                    ctypes.byref(flight.rows.array),
                    ctypes.byref(flight.handle),
                )
            finally:
                flight.rows.release()
        self._flights[moment.archetype] = flight

    def commit(self, archetype: Archetype = (), out: Slot | None = None) -> pa.RecordBatch:
        """End the step of a table and give what it made; a step that fails is aborted."""
        place = Slot() if out is None else out
        place.require_empty("output")
        flight = self._flights.get(archetype)
        if flight is None:
            raise NotInFlightError(
                f"{self._functions.where} has no step at the table of "
                f"({', '.join(archetype)}); begin one first",
                archetype=archetype,
            )
        try:
            self._ended(flight, place)
        except BaseException:
            place.release()
            self.abort(archetype)
            raise
        del self._flights[archetype]
        flight.rows.release()
        return place.take(self._functions.where)

    def abort(self, archetype: Archetype = ()) -> None:
        """Drop the step of a table with all it holds; without one, nothing happens."""
        flight = self._flights.pop(archetype, None)
        if flight is None:
            return
        flight.rows.release()
        if self._functions.staged:
            self._functions.abort(flight.handle)

    def abort_all(self) -> None:
        """Drop every step."""
        for archetype in self.in_flight:
            self.abort(archetype)

    def _ended(self, flight: _Flight, place: Slot) -> None:
        out = (ctypes.byref(place.schema), ctypes.byref(place.array))
        if self._functions.staged:
            self._functions.checked(self._functions.commit, flight.handle, *out)
            return
        rows = (ctypes.byref(flight.rows.schema), ctypes.byref(flight.rows.array))
        self._functions.checked(self._functions.process, ctypes.byref(flight.tick), *rows, *out)
