"""Enclosing: rows whose spans lie inside others meet the innermost of them."""

from __future__ import annotations

import pyarrow as pa

from codeanatomy.engine import spans


def innermost(inner: pa.Table, outer: pa.Table) -> pa.Table:
    """Return the rows of `inner` with the other columns of the innermost `outer` around each.

    Rows that nothing encloses are left out. Cost is n log n.
    """
    sides = [
        [table[c].to_numpy() for c in ("file_no", "bstart", "bend")] for table in (outer, inner)
    ]
    found = spans.innermost(*sides[0], *sides[1])
    inside = inner.filter(pa.array(found >= 0))
    around = outer.take(pa.array(found[found >= 0]))
    for name in around.column_names:
        if name not in inside.column_names:
            inside = inside.append_column(name, around[name])
    return inside


def nested(tolerant: pa.Table) -> pa.Table:
    """Return what the tolerant tree shows with `parent` and `within`, for files it shows alone.

    The parent is the innermost function or class around, `within` its kind; captures are numbered
    outside in, and their spans nest.
    """
    tolerant = tolerant.sort_by([("file_no", "ascending"), ("capture", "ascending")])
    columns = [tolerant[c].to_pylist() for c in ("file_no", "capture", "kind", "bend", "alone")]
    parents: list[int | None] = []
    kinds: list[str | None] = []
    open_ones: list[tuple[int, int, int, str]] = []
    for file_no, capture, kind, end, alone in zip(*columns, strict=True):
        while open_ones and (open_ones[-1][0] != file_no or open_ones[-1][1] < end):
            open_ones.pop()
        parents.append(open_ones[-1][2] if alone and open_ones else None)
        kinds.append(open_ones[-1][3] if alone and open_ones else None)
        if alone and kind in ("function", "class"):
            open_ones.append((file_no, end, capture, kind))
    rows = tolerant.append_column("parent", pa.array(parents, pa.int32()))
    return rows.append_column("within", pa.array(kinds, pa.string()))
