"""Runs extractors over the bytes of files and turns their columns into Arrow tables."""

from __future__ import annotations

import gc
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from codeanatomy.cpg import extract as room
from codeanatomy.cpg.evidence import EXTRACTION_ERRORS, TABLES
from codeanatomy.cpg.extract._source import Source
from codeanatomy.kernel.catalog import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    found = {name: _Found({}, [], []) for name in extractors}
    with _no_collection():
        for place, raw in enumerate(sources):
            source = Source(raw)
            for name, function in functions:
                found[name].add(place, function, source)
        return {
            name: Observed(_tables(name, parts, errors), seconds)
            for name, (parts, errors, seconds) in found.items()
        }


class _Found(NamedTuple):
    parts: dict[str, list[tuple[int, dict[str, Any]]]]  # table -> (file, columns)
    errors: list[dict[str, Any]]
    seconds: list[float]

    def add(self, place: int, function: Any, source: Source) -> None:  # noqa: ANN401 - an extractor's `extract`
        """Run an extractor on the file at `place`; keep its rows, or why there are none."""
        began = time.process_time()
        try:
            for table, columns in function(source).items():
                self.parts.setdefault(table, []).append((place, columns))
        except _CANNOT as error:
            name = function.__module__.rpartition(".")[2]
            self.errors.append({"file_no": place, **_error(name, error, source)})
        self.seconds.append(time.process_time() - began)


_CANNOT = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


@contextmanager
def _no_collection() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _error(extractor: str, error: BaseException, source: Source) -> dict[str, Any]:
    phase = "parse" if isinstance(error, SyntaxError) else "extract"
    if isinstance(error, UnicodeError) or "decode" in str(error):
        phase = "decode"
    line, column = _place(error, source)
    message = str(getattr(error, "msg", None) or error or "out of memory or depth")
    return {
        "extractor": extractor,
        "phase": phase,
        "error": type(error).__name__,
        "message": message.encode("utf-8", "backslashreplace").decode()[:500],
        "line": line,
        "column": column,
    }


def _place(error: BaseException, source: Source) -> tuple[int | None, int | None]:
    """Return the line, and the byte in it, of a syntax error.

    The parser counts characters; the passes after it count bytes.
    """
    line, column = getattr(error, "lineno", None), getattr(error, "offset", None)
    if not line or not 0 < line <= len(source.line_starts):
        return None, None
    if not column or column < 0:
        return line, None
    if not source.parses:
        start = int(source.line_starts[line - 1])
        text = source.text[start : start + 4 * column].decode("utf-8", "replace")
        column = len(text[: column - 1].encode()) + 1
    return line, column - 1


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
