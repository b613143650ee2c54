"""The border between the columns of a world and the rows of an Arrow function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.arrays import arrow
from codeanatomy.ecs.components import component_of
from codeanatomy.ecs.foreign.failure import SchemaMismatchError

if TYPE_CHECKING:
    from collections.abc import Iterable

ID = pa.field("entity_id", pa.int64())
"""The first column of every batch that goes over."""


def schema_of(parts: Iterable[object]) -> pa.Schema:
    """Give the columns of component classes."""
    columns = {c.name: c.type for part in parts for c in component_of(part).columns}
    return pa.schema(list(columns.items()))


def laid(column: Any, wanted: pa.DataType) -> pa.Array:  # noqa: ANN401 - numpy or Arrow
    """Give a held column as Arrow, uncopied where the layout allows it."""
    if not isinstance(column, np.ndarray):
        return column
    if column.ndim > 1:
        return pa.FixedSizeListArray.from_arrays(arrow(column.reshape(-1)), column.shape[1])
    return arrow(column, wanted if column.dtype.kind in "bM" else None)


def held(made: pa.Array) -> Any:  # noqa: ANN401 - numpy or Arrow
    """Give a made column as numpy where that needs no copy: it keeps the maker's buffer."""
    t = pa.types
    if made.null_count == 0 and (t.is_integer(made.type) or t.is_floating(made.type)):
        return made.to_numpy(zero_copy_only=True)
    return made


def check_output(
    made: pa.RecordBatch, batch: pa.RecordBatch | None, given: pa.Schema, name: str
) -> None:
    """Raise `SchemaMismatchError` unless these are declared columns of the same rows."""
    for field in made.schema:
        if field.name == ID.name:
            continue
        if field.name not in given.names:
            raise _mismatch(name, f"a column {field.name!r} that it does not declare to write")
        wanted = given.field(field.name).type
        if field.type != wanted:
            raise _mismatch(name, f"{field.name} as {field.type}, not as {wanted}")
    if batch is None:
        return
    if made.num_rows != batch.num_rows:
        raise _mismatch(name, f"{made.num_rows} rows for {batch.num_rows}")
    if ID.name in made.schema.names and not made.column(ID.name).equals(batch.column(ID.name)):
        raise _mismatch(name, "other entity ids than it got")


def _mismatch(name: str, what: str) -> SchemaMismatchError:
    return SchemaMismatchError(f"{name} gave back {what}", processor=name)
