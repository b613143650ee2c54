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
