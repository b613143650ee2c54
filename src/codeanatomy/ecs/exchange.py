"""Rows from other libraries: whatever speaks Arrow comes in as it is, as columns by name.

The way out needs nothing: a query gives an Arrow table, which polars, pandas, DuckDB and Daft
take through the Arrow C data interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.errors import InvalidCommandError

PLACE = frozenset({"world_id", "run_id", "tick", "is_active"})
"""Columns that say where a row was read; they are no part of what is written."""

_GIVERS = ("to_arrow_table", "fetch_arrow_table", "to_arrow", "arrow")


def columns_of(rows: object) -> dict[str, Any]:
    """Give the columns of a batch by name: numpy or Arrow arrays, or what a mapping holds.

    Takes mappings, Arrow tables, batches and readers, polars, pandas and Daft frames, DuckDB
    relations, numpy structured arrays, and anything with the Arrow C data interface. What a
    query adds to say where rows lie is left out, and so is a frame's unnamed index. Raises
    `InvalidCommandError`.
    """
    if isinstance(rows, Mapping):
        return {str(name): value for name, value in rows.items() if name not in PLACE}
    if isinstance(rows, np.ndarray) and rows.dtype.names is not None:
        return {name: rows[name] for name in rows.dtype.names if name not in PLACE}
    table = _table(rows)
    names = [n for n in table.column_names if n not in PLACE and not n.startswith("__index_level_")]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise InvalidCommandError(
            f"the column {doubled[0]!r} is there twice", columns=tuple(doubled)
        )
    return {name: table.column(name) for name in names}


def is_batch(rows: object) -> bool:
    """Say whether this holds columns that have names of their own, beside mappings."""
    if isinstance(rows, np.ndarray):
        return rows.dtype.names is not None
    if isinstance(rows, pa.Array | pa.ChunkedArray):
        return bool(pa.types.is_struct(rows.type))
    return isinstance(rows, pa.Table | pa.RecordBatch | pa.RecordBatchReader) or (
        hasattr(rows, "columns") and _speaks(rows)
    )


def _table(rows: object) -> pa.Table:
    if isinstance(rows, pa.Table):
        return rows
    if isinstance(rows, pa.RecordBatch):
        return pa.Table.from_batches([rows])
    if isinstance(rows, pa.RecordBatchReader):
        return rows.read_all()
    try:
        if hasattr(rows, "__arrow_c_stream__") or hasattr(rows, "__arrow_c_array__"):
            return pa.table(rows)
        for name in _GIVERS:
            if hasattr(rows, name):
                return _table(getattr(rows, name)())
    except (pa.ArrowException, TypeError) as error:
        raise InvalidCommandError(
            f"a {type(rows).__name__} does not give columns: {error}", found=type(rows).__name__
        ) from error
    raise InvalidCommandError(
        f"{type(rows).__name__} is no batch: give a mapping of columns, an Arrow table, a "
        "data frame, component instances or a number",
        found=type(rows).__name__,
    )


def _speaks(rows: object) -> bool:
    return any(
        hasattr(rows, name) for name in ("__arrow_c_stream__", "__arrow_c_array__", *_GIVERS)
    )
