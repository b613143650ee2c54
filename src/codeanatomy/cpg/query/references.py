"""The question `references`: every place that means a definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from codeanatomy.cpg.graph.web import edges_of
from codeanatomy.cpg.query._asked import Found, listed, nodes_of, owners, unresolved, with_source
from codeanatomy.cpg.query._calls import names_of, run_by

if TYPE_CHECKING:
    from codeanatomy.cpg.graph.snapshot import Snapshot
    from codeanatomy.cpg.query._target import Nodes

_PLACES = ("reference", "import", "call site")


def answer(snapshot: Snapshot, of: Nodes, limit: int) -> Found:
    """Collect names, imports, exports and calls by place, each place once.

    A name may mean an import of the definition, or the variable that stands for all statements
    that give one name; both are followed. A call counts at the callee's last identifier.
    """
    meant = {node.nid for node in of}
    meant |= _ends(snapshot, "DECLARES", "src", "dst", meant)
    imports = _ends(snapshot, "IMPORTS_NAME", "dst", "src", meant)
    bound = imports | _ends(snapshot, "DECLARES", "src", "dst", imports)
    runs = set(run_by(snapshot, of))
    makes = "" if runs == meant else f" or (method = 'constructor' and dst in ({listed(runs)}))"
    edges = edges_of(
        snapshot,
        *("REF", "EXPORTS", "IMPORTS_NAME", "CALL_TARGET"),
        more="props['role'] as role",
        where=f"dst in ({listed(meant | bound)}){makes}",
    )
    rows = _rows(snapshot, edges)
    shown = rows[: limit or None]
    names = {node.name for node in of} | names_of(snapshot, meant)
    possible = unresolved(snapshot, names, _PLACES)
    return Found(shown, len(rows), possible, with_source(snapshot, shown))


def _ends(snapshot: Snapshot, kind: str, here: str, there: str, nids: set[int]) -> set[int]:
    found = snapshot.rows(
        f"select distinct {there} as nid from _edges where kind = '{kind}' "  # noqa: S608 - our own words
        f"and {here} in ({listed(nids)})"
    )
    return {row["nid"] for row in found}


def _rows(snapshot: Snapshot, edges: pa.Table) -> list[dict[str, Any]]:
    """Make a row of each place; a name comes before a call that is made there."""
    nodes = nodes_of(snapshot, edges["dst"].to_pylist())
    by_place: dict[tuple[int, int | None, int | None], dict[str, Any]] = {}
    for edge in sorted(edges.to_pylist(), key=lambda edge: _ORDER[edge["kind"]]):
        file_no = edge["src"] >> 32
        row = {
            **{name: edge[name] for name in ("path", "line", "method", "confidence")},
            "role": edge["role"] or _ROLES[edge["kind"]],
            "through": nodes[edge["dst"]]["title"],
            "file_no": file_no,
            "bstart": edge["bstart"],
            "bend": edge["bend"],
        }
        by_place.setdefault((file_no, edge["bstart"], edge["bend"]), row)
    rows = sorted(by_place.values(), key=lambda row: (row["path"] or "", row["bstart"] or 0))
    placed = [row for row in rows if row["bstart"] is not None]
    columns = {name: [row[name] for row in placed] for name in ("file_no", "bstart", "bend")}
    schema = pa.schema([(name, pa.int64()) for name in columns])
    within = owners(snapshot, pa.table(columns, schema=schema)) if placed else []
    titles = nodes_of(snapshot, [nid for nid in within if nid is not None])
    found = iter(within)
    for row in rows:
        nid = next(found) if row["bstart"] is not None else None
        row["within"] = None if nid is None else titles[nid]["title"]
    return rows


_ROLES = {"REF": "load", "EXPORTS": "export", "IMPORTS_NAME": "import", "CALL_TARGET": "call"}
_ORDER = {kind: place for place, kind in enumerate(_ROLES)}
