"""A function from Arrow rows to Arrow rows, from any library that speaks Arrow, as a processor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from codeanatomy.ecs.foreign.border import ID, check_output, held, laid, schema_of
from codeanatomy.ecs.foreign.failure import SchemaMismatchError, SeveralBatchesError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from codeanatomy.ecs.columns import Columns
    from codeanatomy.ecs.visit import Visit


class ArrowProcessor:
    """Gives a function one batch with `entity_id` and the declared columns, as Arrow.

    What it gives back may be of any library that speaks the Arrow C data interface (a polars
    frame, a Rust extension's array): the written columns, in the order of the rows.
    """

    archetypes = None

    def __init__(
        self,
        function: Callable[[pa.RecordBatch], object],
        *,
        reads: Iterable[object] = (),
        writes: Iterable[object] = (),
        without: Iterable[object] = (),
        priority: int = 0,
        name: str | None = None,
    ) -> None:
        self.reads, self.writes, self.without = tuple(reads), tuple(writes), tuple(without)
        self.priority = priority
        self.name = name or str(getattr(function, "__name__", type(function).__name__))
        self._function = function
        self._needed = pa.schema([ID, *schema_of((*self.reads, *self.writes))])
        self._given = schema_of(self.writes)

    def __call__(self, columns: Columns, visit: Visit) -> Mapping[str, Any]:
        """Do one table of a tick."""
        del visit
        arrays = [laid(columns[field.name], field.type) for field in self._needed]
        batch = pa.record_batch(arrays, names=self._needed.names)
        made = self._batch(self._function(batch))
        check_output(made, batch, self._given, self.name)
        return {n: held(made.column(n)) for n in made.schema.names if n != ID.name}

    def _batch(self, found: object) -> pa.RecordBatch:
        try:
            batches = pa.table(found).to_batches()
        except (TypeError, pa.ArrowException) as error:
            raise SchemaMismatchError(
                f"{self.name} gave back a {type(found).__name__}, which is no Arrow rows: {error}",
                processor=self.name,
            ) from error
        if len(batches) > 1:
            raise SeveralBatchesError(
                f"{self.name} gave back {len(batches)} batches; combine them into one",
                processor=self.name,
                batches=len(batches),
            )
        schema = pa.table(found).schema
        return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=schema)
