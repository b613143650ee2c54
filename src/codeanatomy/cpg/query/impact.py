"""The question `impact`: what may break if a definition changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg.graph.web import Web, edges_of
from codeanatomy.cpg.query._asked import (
    CODE,
    Found,
    listed,
    nodes_of,
    stopped,
    unresolved,
    with_source,
)
from codeanatomy.cpg.query._calls import Sites, names_of

if TYPE_CHECKING:
    from codeanatomy.cpg.graph.snapshot import Snapshot
    from codeanatomy.cpg.query._target import Nodes

VIA = {
    "CALLS": "call",
    "OVERRIDES": "override",
    "INHERITS_FROM": "inheritance",
    "IMPORTS_NAME": "import",
    "IMPORTS": "import",
    "READS": "read",
}
"""The kinds of edge whose source depends on its destination, the most telling first."""
_MEMBERS = ("class", "function", "method", "lambda", "variable", "attribute", "type alias")


def answer(snapshot: Snapshot, of: Nodes, depth: int, confidence: float, limit: int) -> Found:
    """Follow dependencies backwards, breadth first; each thing once, by the first way to it.

    With a definition changes all that is in it. Modules that import a module are followed only
    from the modules that change: a module that merely uses a changed thing breaks no importer.
    """
    start = _contained(snapshot, of)
    edges = _dependencies(snapshot, start, confidence)
    walk = Web(edges, forward=False).walk(start, depth, once=True)
    chosen = edges.take(walk.rows[: limit or None])
    nodes = nodes_of(snapshot, [*chosen["src"].to_pylist(), *chosen["dst"].to_pylist()])
    sites = Sites(snapshot, chosen.filter(pc.equal(chosen["kind"], "CALLS")))
    rows = [
        {
            "depth": int(step),
            "affected": nodes[edge["src"]]["title"],
            "kind": nodes[edge["src"]]["kind"],
            "via": VIA[edge["kind"]],
            "through": nodes[edge["dst"]]["title"],
            "file_no": edge["src"] >> 32,
            "method": sites.told(edge)[0] if edge["kind"] == "CALLS" else edge["method"],
            **{name: edge[name] for name in ("path", "line", "confidence")},
        }
        for step, edge in zip(walk.steps.tolist(), chosen.to_pylist(), strict=False)
    ]
    notes = (*stopped(depth, walk.beyond), *with_source(snapshot, rows))
    possible = unresolved(snapshot, names_of(snapshot, _code(snapshot, start)))
    return Found(rows, len(walk.rows), possible, notes)


def _contained(snapshot: Snapshot, of: Nodes) -> list[int]:
    """Return what changes: the nodes, what is defined in them, variables they are givers of."""
    kinds = ", ".join(f"'{kind}'" for kind in (*_MEMBERS, "module"))
    own = listed(node.nid for node in of)
    found = snapshot.rows(
        "select n.nid from _nodes n join _nodes o on o.file_no = n.file_no "  # noqa: S608 - our own words
        f"where o.nid in ({own}) and n.file_no > 0 and n.kind in ({kinds}) "
        "and n.bstart >= o.bstart and n.bend <= o.bend union "
        f"select dst as nid from _edges where kind = 'DECLARES' and src in ({own})"
    )
    for package in (node for node in of if node.kind == "package"):
        inside = f"{package.path}/" if package.path else ""
        found += snapshot.rows(
            f"select nid from _nodes where kind in ({kinds}) and repo = $repo "  # noqa: S608 - our own words
            "and starts_with(path, $inside)",
            repo=package.repo,
            inside=inside,
        )
    return sorted({row["nid"] for row in found} | {node.nid for node in of})


def _code(snapshot: Snapshot, nids: list[int]) -> list[int]:
    kinds = ", ".join(f"'{kind}'" for kind in CODE)
    found = snapshot.rows(
        f"select nid from _nodes where kind in ({kinds}) and nid in ({listed(nids)})"  # noqa: S608 - our own words
    )
    return [row["nid"] for row in found]


def _dependencies(snapshot: Snapshot, start: list[int], least: float) -> pa.Table:
    """Read every edge that says what depends on what, the most telling kinds first."""
    counted = "props['count'] as sites"
    calls = edges_of(snapshot, "CALLS", more=counted, least=least)
    kinds = (kind for kind in VIA if kind not in ("CALLS", "IMPORTS"))
    others = edges_of(snapshot, *kinds, more=counted)
    modules = edges_of(snapshot, "IMPORTS", more=counted)
    names = pc.and_(
        pc.equal(others["kind"], "IMPORTS_NAME"), pc.is_in(others["dst"], modules["dst"])
    )
    changed = pc.is_in(others["dst"], pa.array(start, pa.int64()))
    others = others.filter(pc.or_(pc.invert(names), changed))
    importers = Web(modules, forward=False).reached(start)
    modules = modules.filter(pc.is_in(modules["dst"], pa.array(importers)))
    edges = pa.concat_tables([calls, others, modules])
    order = {kind: place for place, kind in enumerate(VIA)}
    place = pa.array([order[kind] for kind in edges["kind"].to_pylist()], pa.int8())
    return edges.take(pc.sort_indices(pa.table({"p": place}), [("p", "ascending")]))
