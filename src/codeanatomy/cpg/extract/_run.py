"""Runs extractors over the bytes of files and turns their columns into Arrow tables."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from codeanatomy.cpg import extract as room
from codeanatomy.cpg.evidence import EXTRACTION_ERRORS, TABLES
from codeanatomy.cpg.extract._source import Source
from codeanatomy.kernel.catalog import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codeanatomy.kernel.schema import Table

_NOT_OBSERVED = ("repo", "file_no")
_BY_NAME = {table.name: table for table in TABLES}


class Observed(NamedTuple):
    """What one extractor saw in some files; `file_no` is the file's place among them."""

    tables: dict[str, pa.Table]
    seconds: list[float]  # CPU seconds, a file each


def run_one(extractor: str, source: bytes) -> dict[str, pa.Table]:
    """Run one extractor on one file's bytes; what it raises is raised here."""
    found = load(room, extractor, "extract")(Source(source))
    return {name: _table(_BY_NAME[name], [columns]) for name, columns in found.items()}


def run_many(extractors: Sequence[str], sources: Sequence[bytes]) -> dict[str, Observed]:
    """Run each extractor on each file; what one cannot do becomes a row of `extraction_errors`.

    The garbage collector rests meanwhile: rows are many, and none of them is garbage.
    """
    functions = [(name, load(room, name, "extract")) for name in extractors]
    parts: dict[str, dict[str, list[Any]]] = {name: {} for name in extractors}
    errors: dict[str, list[dict[str, Any]]] = {name: [] for name in extractors}
    seconds: dict[str, list[float]] = {name: [] for name in extractors}
    gc.disable()
    try:
        for place, raw in enumerate(sources):
            source = Source(raw)
            for name, function in functions:
                began = time.process_time()
                try:
                    for table, columns in function(source).items():
                        parts[name].setdefault(table, []).append((place, columns))
                except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
                    errors[name].append({"file_no": place, **_error(name, error)})
                seconds[name].append(time.process_time() - began)
    finally:
        gc.enable()
    return {
        name: Observed(_tables(name, parts[name], errors[name]), seconds[name])
        for name in extractors
    }


def _error(extractor: str, error: BaseException) -> dict[str, Any]:
    phase = "parse" if isinstance(error, SyntaxError) else "extract"
    if isinstance(error, UnicodeError) or "decode" in str(error):
        phase = "decode"
    line = getattr(error, "lineno", None)
    column = getattr(error, "offset", None)
    message = str(getattr(error, "msg", None) or error or "out of memory or depth")
    return {
        "extractor": extractor,
        "phase": phase,
        "error": type(error).__name__,
        "message": message.encode("utf-8", "backslashreplace").decode()[:500],
        "line": line if line and 0 < line < 2**31 else None,
        "column": column - 1 if column and 0 < column < 2**31 else None,
    }


def _tables(
    extractor: str, parts: dict[str, list[Any]], errors: list[dict[str, Any]]
) -> dict[str, pa.Table]:
    tables: dict[str, pa.Table] = {}
    for table in TABLES:
        if table.producer == extractor and table.name in parts:
            chosen = parts[table.name]
            found = _table(table, [columns for _, columns in chosen])
            sizes = [_length(columns) for _, columns in chosen]
            places = np.repeat(np.array([p for p, _ in chosen], np.int32), sizes)
            tables[table.name] = found.add_column(0, "file_no", pa.array(places))
    schema = pa.schema([f for f in EXTRACTION_ERRORS.arrow() if f.name != "repo"])
    tables[EXTRACTION_ERRORS.name] = pa.Table.from_pylist(errors, schema)
    return tables


def _length(columns: dict[str, Any]) -> int:
    return len(next(iter(columns.values())))


def _table(table: Table, parts: list[dict[str, Any]]) -> pa.Table:
    """Join the columns of several files, in order, under the declared schema."""
    fields = [f for f in table.arrow() if f.name not in _NOT_OBSERVED]
    arrays = [_array([part[f.name] for part in parts], f.type) for f in fields]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _array(pieces: list[Any], kind: pa.DataType) -> pa.Array:
    if pieces and all(isinstance(piece, np.ndarray) for piece in pieces):
        return pa.array(np.concatenate(pieces)).cast(kind)
    joined: list[Any] = []
    for piece in pieces:
        joined.extend(piece.tolist() if isinstance(piece, np.ndarray) else piece)
    return pa.array(joined, kind)
