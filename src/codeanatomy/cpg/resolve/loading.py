"""Reads the rows of `value_bodies` and `value_steps` back into the units that the resolver runs."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from codeanatomy.cpg.resolve.program import Unit, fill

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BODIES = ("body", "node", "parent", "kind", "name", "cls", "slots", "is_async", "is_generator",
           "reached")  # fmt: skip
_STEPS = ("body", "step", "op", "dst", "src", "other", "name", "args", "names", "node")


def load_units(
    modules: Iterable[Mapping[str, Any]], bodies: pa.Table, steps: pa.Table
) -> list[Unit]:
    """Return a unit for each module, in the given order; files without steps make empty ones."""
    bodies, body_at = _by_file(bodies, "body")
    steps, step_at = _by_file(steps, "step")
    body_rows = _columns(bodies, _BODIES)
    step_rows = _columns(steps, _STEPS)
    units = []
    for module in modules:
        unit = Unit(0, module["module"], module["path"], is_package=module["package"])
        unit.repo, unit.file_no, unit.stub = module["repo"], module["file_no"], module["stub"]
        low, high = body_at.get(unit.file_no, (0, 0))
        first, last = step_at.get(unit.file_no, (0, 0))
        fill(unit, zip(*(c[low:high] for c in body_rows), strict=True),
             zip(*(c[first:last] for c in step_rows), strict=True))  # fmt: skip
        units.append(unit)
    return units


def _by_file(rows: pa.Table, key: str) -> tuple[pa.Table, dict[int, tuple[int, int]]]:
    """Sort rows by file and number, and say where each file's are."""
    file_no = rows["file_no"].to_numpy().astype(np.int64)
    order = np.lexsort((rows[key].to_numpy(), file_no))
    if not np.array_equal(order, np.arange(len(order))):
        rows = rows.take(pa.array(order))
        file_no = file_no[order]
    numbers, starts = np.unique(file_no, return_index=True)
    ends = [*starts[1:].tolist(), len(file_no)][: len(numbers)]
    return rows, dict(zip(numbers.tolist(), zip(starts.tolist(), ends, strict=True), strict=True))


def _columns(rows: pa.Table, names: tuple[str, ...]) -> list[list[Any]]:
    return [_values(rows[name].combine_chunks()) for name in names]


def _values(column: pa.ChunkedArray | pa.Array) -> list[Any]:
    """Turn a column into Python values; equal texts are one object, lists are tuples."""
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if pa.types.is_list(column.type):
        flat = _values(column.flatten())
        offsets = column.offsets.to_numpy()
        offsets = (offsets - offsets[0]).tolist() if len(offsets) else []
        nothing: tuple[Any, ...] = ()
        return [tuple(flat[a:b]) if b > a else nothing for a, b in pairwise(offsets)]
    if pa.types.is_string(column.type):
        coded = column.dictionary_encode()
        texts = [*coded.dictionary.to_pylist(), None]
        codes = coded.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False).tolist()
        return [texts[code] for code in codes]
    if pa.types.is_integer(column.type):
        filled = column.fill_null(-1).to_numpy(zero_copy_only=False).tolist()
        return list(filled)
    plain: list[Any] = column.to_pylist()
    return plain
