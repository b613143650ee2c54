"""A native processor as a world sees it: columns in, columns out, called by name or scheduled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.foreign.border import ID, check_output, held, laid, schema_of
from codeanatomy.ecs.foreign.child import Contained
from codeanatomy.ecs.foreign.failure import (
    MissingColumnError,
    SeveralBatchesError,
    WrongTypeError,
)
from codeanatomy.ecs.foreign.library import load
from codeanatomy.ecs.foreign.step import Moment, Steps
from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.columns import Columns
    from codeanatomy.ecs.visit import Visit


class _Stepping(Protocol):
    """Steps in this process, or in one of their own."""

    @property
    def in_flight(self) -> tuple[Archetype, ...]: ...
    def begin(self, batch: pa.RecordBatch, moment: Moment) -> None: ...
    def commit(self, archetype: Archetype = ()) -> pa.RecordBatch: ...
    def abort(self, archetype: Archetype = ()) -> None: ...
    def abort_all(self) -> None: ...


def foreign(
    path: str | Path,
    symbol: str,
    *,
    reads: Iterable[object] = (),
    writes: Iterable[object] = (),
    without: Iterable[object] = (),
    priority: int = 0,
    name: str | None = None,
    contained: bool = False,
) -> ForeignProcessor:
    """Load a processor from a compiled library; `processor.h` says what it exports.

    `reads` and `writes` are component classes; without them the library describes itself.
    `contained` runs it in a process of its own, so that a crash is a `PanicError`; each step
    then costs two copies of the columns. Raises the errors of `failure`.
    """
    steps: _Stepping
    if contained:
        steps = Contained(Path(path), symbol)
        described = steps.described()
    else:
        functions = load(path, symbol)
        described = functions.described()
        steps = Steps(functions)
    wants = tuple(reads), tuple(writes)
    if described is None and not (wants[0] or wants[1]):
        raise SpecError(
            f"{symbol} does not describe itself: export {symbol}_describe, or name the "
            "components in reads and writes",
            symbol=symbol,
        )
    return ForeignProcessor(
        name or symbol, steps, described, wants, without=tuple(without), priority=priority
    )


class ForeignProcessor:
    """A library's function in the shape of a processor; `close` it when it is contained."""

    archetypes = None

    def __init__(
        self,
        name: str,
        steps: _Stepping,
        described: tuple[pa.Schema, pa.Schema] | None,
        wants: tuple[tuple[object, ...], tuple[object, ...]],
        *,
        without: tuple[object, ...] = (),
        priority: int = 0,
    ) -> None:
        self.name = name
        self.without = without
        self.priority = priority
        needed, given = described or (schema_of((*wants[0], *wants[1])), schema_of(wants[1]))
        self.needed = pa.schema([ID, *(f for f in needed if f.name != ID.name)])
        self.given = given
        self.reads = wants[0] or _components(needed)
        self.writes = wants[1] or _components(given)
        self._steps = steps

    def __call__(self, columns: Columns, visit: Visit) -> Mapping[str, Any]:
        """Do one table of a tick; a table that lacks a needed column is none of ours."""
        if any(field.name not in columns for field in self.needed if field.name != ID.name):
            return {}
        chance = int(visit.chance.integers(0, 2**64, dtype=np.uint64))
        moment = Moment(visit.tick, chance, tuple(columns.archetype))
        batch = pa.record_batch(
            [laid(columns[field.name], field.type) for field in self.needed],
            names=self.needed.names,
        )
        made = self._stepped(batch, moment)
        return {n: held(made.column(n)) for n in made.schema.names if n != ID.name}

    def run(self, rows: object, *, tick: int = 0, chance: int = 0) -> pa.RecordBatch:
        """Call it by name on anything that speaks Arrow: begin and commit at once."""
        return self._stepped(self._one_batch(rows), Moment(tick, chance))

    def begin(
        self, rows: object, *, tick: int = 0, chance: int = 0, archetype: Archetype = ()
    ) -> None:
        """Begin the step of a table; end it with `commit` or `abort`."""
        batch = self._one_batch(rows)
        self._checked_input(batch)
        self._steps.begin(batch, Moment(tick, chance, archetype))

    def commit(self, archetype: Archetype = ()) -> pa.RecordBatch:
        """End the step of a table and give the columns it made."""
        return self._checked_output(self._steps.commit(archetype), None)

    def abort(self, archetype: Archetype = ()) -> None:
        """Drop the step of a table; without one, nothing happens."""
        self._steps.abort(archetype)

    @property
    def in_flight(self) -> tuple[Archetype, ...]:
        """The tables whose step was begun and has not ended."""
        return self._steps.in_flight

    def close(self) -> None:
        """Drop every step and end the process of a contained library."""
        self._steps.abort_all()
        if isinstance(self._steps, Contained):
            self._steps.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _stepped(self, batch: pa.RecordBatch, moment: Moment) -> pa.RecordBatch:
        self._checked_input(batch)
        self._steps.begin(batch, moment)
        return self._checked_output(self._steps.commit(moment.archetype), batch)

    def _one_batch(self, rows: object) -> pa.RecordBatch:
        table = pa.table(rows)
        batches = table.to_batches()
        if len(batches) > 1:
            raise SeveralBatchesError(
                f"{self.name} takes one batch and got {len(batches)}; use combine_chunks()",
                processor=self.name,
                batches=len(batches),
            )
        for field in self.needed:
            if field.name not in table.column_names:
                raise MissingColumnError(
                    f"{self.name} needs the column {field.name}; there are "
                    f"{', '.join(table.column_names) or 'none'}",
                    processor=self.name,
                    column=field.name,
                )
        whole = batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)
        return whole.select(self.needed.names)

    def _checked_input(self, batch: pa.RecordBatch) -> None:
        for field in self.needed:
            found = batch.schema.field(field.name).type
            if found != field.type:
                raise WrongTypeError(
                    f"{self.name} needs {field.name} as {field.type}, not as {found}",
                    processor=self.name,
                    column=field.name,
                    found=str(found),
                    wanted=str(field.type),
                )

    def _checked_output(self, made: pa.RecordBatch, batch: pa.RecordBatch | None) -> pa.RecordBatch:
        check_output(made, batch, self.given, self.name)
        return made


def _components(schema: pa.Schema) -> tuple[str, ...]:
    names = (name.partition("__")[0] for name in schema.names if name != ID.name)
    return tuple(dict.fromkeys(names))
