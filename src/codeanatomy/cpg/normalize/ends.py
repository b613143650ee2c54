"""Ends: what a relation says in numbers of its file becomes edges between nodes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from codeanatomy.cpg import edges as page
from codeanatomy.cpg import ids
from codeanatomy.cpg.edges import EDGES_TABLE
from codeanatomy.cpg.normalize.identity import line_column, look_up

_PROPS = EDGES_TABLE.arrow().field("props").type
_ORDER = {kind.name: place for place, kind in enumerate(page.EDGES)}


def edges(
    places: pa.Table, files: pa.Table, file_lines: pa.Table, *relations: pa.Table
) -> pa.Table:
    """Return the edges of all relations, kind by kind in the page's order, each by src and dst.

    Raises `CompileError` for an end that no node has.
    """
    parts = [_edges(places, files, file_lines, rows) for rows in relations if rows.num_rows]
    parts.sort(key=lambda part: _ORDER[part["kind"][0].as_py()])
    return pa.concat_tables(parts) if parts else EDGES_TABLE.arrow().empty_table()


def _edges(places: pa.Table, files: pa.Table, file_lines: pa.Table, rows: pa.Table) -> pa.Table:
    kind = page.BY_NAME[rows["kind"][0].as_py()]
    sources = rows["sources"][0].as_py()
    file_no = rows["file_no"].to_numpy().astype(np.int64)
    ends = [
        look_up(
            places, rows[f"{end}_space"][0].as_py(), _file(rows, end, file_no), _local(rows, end)
        )
        for end in ("src", "dst")
    ]
    start = rows["bstart"].to_numpy().astype(np.int64)
    order = np.lexsort((start, ends[1], ends[0]))
    rows = _varying(rows)
    if np.any(order[1:] < order[:-1]):
        rows = rows.take(pa.array(order))
    file_no, start = file_no[order], start[order]
    line, _ = line_column(file_lines, file_no, start)
    paths = files["path"].to_pylist()
    at = np.searchsorted(files["file_no"].to_numpy(), file_no)
    length = len(rows)
    repo = files["repo"][0].as_py()
    confidence = pa.array(np.ones(length)) if kind.certain else pa.nulls(length, pa.float64())
    columns = {
        "src": pa.array(ends[0][order]), "dst": pa.array(ends[1][order]),
        "kind": ids.constant(kind.name, length), "path": ids.coded(at, paths),
        "bstart": rows["bstart"], "bend": rows["bend"], "line": pa.array(line),
        "layer": ids.constant(kind.layer, length),
        "sources": ids.constant(sources, length),
        "method": rows["method"].dictionary_encode(), "confidence": confidence,
        "ambiguity_group": pa.nulls(length, pa.int64()), "props": _props(rows),
        "repo": ids.constant(repo, length), "reach": ids.constant("file", length),
    }  # fmt: skip
    return pa.table(columns)


def _varying(rows: pa.Table) -> pa.Table:
    """Leave out what is the same in every row."""
    return rows.select(["bstart", "bend", "method", *(field.name for field in _PROPS)])


def _file(rows: pa.Table, end: str, file_no: np.ndarray) -> np.ndarray:
    """Look numbers that count in the whole store up under file 0."""
    return np.zeros_like(file_no) if rows[f"{end}_space"][0].as_py() == "global" else file_no


def _local(rows: pa.Table, end: str) -> np.ndarray:
    found: np.ndarray = rows[end].to_numpy().astype(np.int64)
    return found


def _props(rows: pa.Table) -> pa.Array:
    """Put the facts of edges in one struct; null where a kind has none."""
    names = [field.name for field in _PROPS]
    if all(rows[name].null_count == rows.num_rows for name in names):
        return pa.nulls(rows.num_rows, _PROPS)
    arrays = [rows[f.name].combine_chunks().cast(f.type) for f in _PROPS]
    return pa.StructArray.from_arrays(arrays, fields=list(_PROPS))
