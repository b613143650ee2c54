"""The question `dead`: definitions that nothing reaches from the entry points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from codeanatomy.cpg.graph.web import Web, edges_of
from codeanatomy.cpg.query._asked import Found
from codeanatomy.cpg.query._doubts import Doubts
from codeanatomy.cpg.query._program import Program, entries

if TYPE_CHECKING:
    from codeanatomy.cpg.graph.snapshot import Snapshot
    from codeanatomy.cpg.graph.web import Numbers

_REPORTED = ("class", "function", "method")
_USES = ("CALLS", "READS", "IMPORTS_NAME", "IMPORTS")
_BASES = ("INHERITS_FROM",)
_BACK = ("OVERRIDES", "DECLARES")  # what is overridden or declared leads to what does it
_SECOND = "reached only from what is uncertain itself"


def answer(snapshot: Snapshot, entry: tuple[str, ...], limit: int) -> Found:
    """Reach definitions from the entry points, and list those left over, the sure ones first.

    Reaching a definition runs its module and whatever its code calls or reads, its class and the
    bases of that; a method that overrides a reached one is reached. A definition inside one that
    is listed is not listed itself, unless it is in less doubt.
    """
    program = Program(snapshot)
    web, imported = _uses(program)
    start = entries(program, entry, imported)
    reached = set(web.reached(start).tolist()) | start
    left = [
        nid
        for nid, row in program.by_nid.items()
        if row["kind"] in _REPORTED and nid not in reached
    ]
    names = {program.by_nid[nid]["name"] for nid in left}
    doubts = Doubts(program, names, imported | reached)
    why = {nid: doubts.of(nid) for nid in left}
    unsure = {nid for nid in left if why[nid]}
    second = set(web.reached(unsure).tolist()) - unsure
    for nid in left:
        if nid in second:
            why[nid].append(_SECOND)
    shown = [nid for nid in left if not _covered(program, nid, why)]
    shown.sort(key=lambda nid: (len(why[nid]) > 0, program.by_nid[nid]["repo"], nid))
    rows = _rows(program, doubts, shown[: limit or None], why)
    sure = sum(not why[nid] for nid in shown)
    note = (
        f"{sure:,} without a doubt, of {len(program.by_nid):,} definitions; {len(start):,} entries"
    )
    return Found(rows, len(shown), sum(doubts.unresolved.values()), (note,), holds=sure == 0)


def _uses(program: Program) -> tuple[Web, set[int]]:
    """Return what reaches what, and the modules that some other module imports."""
    uses, bases, back = (edges_of(program.snapshot, *kinds) for kinds in (_USES, _BASES, _BACK))
    src, dst = (uses[end].to_numpy() for end in ("src", "dst"))
    around = np.array(_around(program), dtype=np.int64).reshape(-1, 2)
    sources = [_run(program, src), bases["src"], back["dst"], around[:, 0]]
    targets = [dst, bases["dst"], back["src"], around[:, 1]]
    columns = [np.concatenate(parts, dtype=np.int64) for parts in (sources, targets)]
    modules = np.array([kind == "IMPORTS" for kind in uses["kind"].to_pylist()], dtype=np.bool_)
    imported = set(dst[modules & (src != dst)].tolist())
    return Web(pa.table(columns, ["src", "dst"])), imported


def _run(program: Program, nids: Numbers) -> Numbers:
    """Replace classes and lambdas by whose code runs theirs."""
    known, places = np.unique(nids, return_inverse=True)
    found = np.array([program.runs_in(nid) for nid in known.tolist()], dtype=np.int64)
    return found[places] if len(found) else nids


def _around(program: Program) -> list[tuple[int, int]]:
    """Lead from each definition to its module, from a method to its class, up the packages."""
    found = []
    for nid, row in program.by_nid.items():
        if nid in program.parent:
            found.append((nid, program.module_of(nid)))
            if row["kind"] == "method":
                found.append((nid, program.parent[nid]))
        else:
            above = program.modules.get(row["title"].rpartition(".")[0])
            found += [(nid, above)] if above is not None else []
    return found


def _covered(program: Program, nid: int, why: dict[int, list[str]]) -> bool:
    """Whether it lies in a definition that is listed and in no more doubt."""
    above = program.parent.get(nid)
    while above is not None:
        if above in why and (why[nid] or not why[above]):
            return True
        above = program.parent.get(above)
    return False


def _rows(
    program: Program, doubts: Doubts, shown: list[int], why: dict[int, list[str]]
) -> list[dict[str, Any]]:
    heights = _heights(program.snapshot, shown)
    rows = []
    for nid in shown:
        row = program.by_nid[nid]
        rows.append(
            {
                "definition": row["title"],
                **{name: row[name] for name in ("kind", "path", "line", "repo")},
                "lines": heights.get(nid, 1),
                "doubt": "; ".join(why[nid]),
                "unresolved": doubts.unresolved[row["name"]],
            }
        )
    return rows


def _heights(snapshot: Snapshot, nids: list[int]) -> dict[int, int]:
    """Count the lines of each definition, from its own first to its last."""
    if not nids:
        return {}
    numbers = ", ".join(map(str, nids))
    found = snapshot.rows(
        "select n.nid, count(*) as lines from _nodes n join file_lines l on l.file_no = n.file_no "  # noqa: S608 - numbers
        f"where n.nid in ({numbers}) and l.bend >= n.bstart and l.bstart < n.bend group by n.nid"
    )
    return {row["nid"]: row["lines"] for row in found}
