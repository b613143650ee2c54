"""The question `callees`: what a definition calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.graph.web import Web
from codeanatomy.cpg.query._asked import Found, stopped, unresolved_in, with_source
from codeanatomy.cpg.query._calls import calls_of, rows_of, run_by

if TYPE_CHECKING:
    from codeanatomy.cpg.graph.snapshot import Snapshot
    from codeanatomy.cpg.query._target import Nodes


def answer(snapshot: Snapshot, of: Nodes, depth: int, confidence: float, limit: int) -> Found:
    """Follow calls forwards, breadth first; a callee found again is not followed again.

    An unresolved call site could belong to the answer if it is part of the code that was followed.
    """
    calls, left_out = calls_of(snapshot, confidence)
    start = run_by(snapshot, of)
    walk = Web(calls).walk(start, depth)
    shown = slice(0, limit or None)
    rows = rows_of(snapshot, calls.take(walk.rows[shown]), walk.steps[shown].tolist(), "depth")
    for row in rows:
        row["kind"] = row["callee_kind"]
    note = with_source(snapshot, rows)
    followed = {*start, *calls["dst"].take(walk.rows[walk.followed(depth)]).to_pylist()}
    notes = (*stopped(depth, walk.beyond), *([left_out] if left_out else []), *note)
    return Found(rows, len(walk.rows), unresolved_in(snapshot, followed), notes)
