"""The question `path`: a shortest chain of calls from one definition to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.graph.web import Web
from codeanatomy.cpg.query._asked import Found, unresolved_in, with_source
from codeanatomy.cpg.query._calls import calls_of, names_of, rows_of, run_by

if TYPE_CHECKING:
    from codeanatomy.cpg.graph.snapshot import Snapshot
    from codeanatomy.cpg.query._target import Nodes


def answer(snapshot: Snapshot, source: Nodes, target: Nodes, confidence: float) -> Found:
    """Search breadth first; of several shortest chains the first by file and place.

    Without a chain, an unresolved call site could close it if its code is reached from the source,
    and it has the name of something that reaches the target.
    """
    calls, left_out = calls_of(snapshot, confidence, target)
    goal = run_by(snapshot, target)
    start = run_by(snapshot, source)
    web = Web(calls)
    chain = web.chain(start, goal)
    notes = (left_out,) if left_out else ()
    if chain is None:
        reached = {*start, *web.reached(start).tolist()}
        names = names_of(snapshot, {*goal, *Web(calls, forward=False).reached(goal).tolist()})
        return Found([], 0, unresolved_in(snapshot, reached, names), notes, holds=False)
    if not len(chain):
        return Found([], 0, 0, (*notes, "source and target are the same"))
    rows = rows_of(snapshot, calls.take(chain), range(1, len(chain) + 1), "step")
    return Found(rows, len(rows), 0, (*notes, *with_source(snapshot, rows)))
