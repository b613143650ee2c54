"""The question `callers`: who calls a definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.graph.web import Web
from codeanatomy.cpg.query._asked import Found, stopped, unresolved, with_source
from codeanatomy.cpg.query._calls import calls_of, names_of, rows_of, run_by

if TYPE_CHECKING:
    from codeanatomy.cpg.graph.snapshot import Snapshot
    from codeanatomy.cpg.query._target import Nodes


def answer(snapshot: Snapshot, of: Nodes, depth: int, confidence: float, limit: int) -> Found:
    """Follow calls backwards, breadth first; a caller found again is not followed again.

    An unresolved call site could belong to the answer if its callee's last name is that of the
    definition, or of a caller whose own callers were asked for.
    """
    calls, left_out = calls_of(snapshot, confidence, of)
    web = Web(calls, forward=False)
    start = run_by(snapshot, of)
    walk = web.walk(start, depth)
    shown = slice(0, limit or None)
    rows = rows_of(snapshot, calls.take(walk.rows[shown]), walk.steps[shown].tolist(), "depth")
    for row in rows:
        row["kind"] = row["caller_kind"]
    note = with_source(snapshot, rows)
    followed = [*start, *calls["src"].take(walk.rows[walk.followed(depth)]).to_pylist()]
    notes = (*stopped(depth, walk.beyond), *([left_out] if left_out else []), *note)
    return Found(rows, len(walk.rows), unresolved(snapshot, names_of(snapshot, followed)), notes)
