"""The question `imports`: which module imports which, and which import each other in a circle."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.graph.circles import circles
from codeanatomy.cpg.graph.web import edges_of
from codeanatomy.cpg.query._asked import Found, nodes_of, unresolved, with_source

if TYPE_CHECKING:
    from codeanatomy.cpg.graph.snapshot import Snapshot
    from codeanatomy.cpg.query._target import Nodes

LATE = ("function", "type_checking")  # guards of imports that do not run while modules load


def answer(
    snapshot: Snapshot, of: Nodes | None, *, cycles: bool, loading: bool, limit: int
) -> Found:
    """List module imports by circle and place; `holds` is false where circles were looked for.

    A module or package stands for itself and for the modules in it, whichever end it is at. An
    import of unknown target could belong to the answer; of one module, if it has its name.
    """
    edges = edges_of(snapshot, "IMPORTS", more="props['count'] as imports").to_pylist()
    nodes = nodes_of(snapshot, {edge[end] for edge in edges for end in ("src", "dst")})
    guards = _guards(snapshot)
    rows = [_row(edge, nodes, guards) for edge in edges]
    if loading:
        rows = [row for row in rows if not set(row["guard"].split(",")) <= set(LATE)]
    notes: tuple[str, ...] = ()
    if cycles:
        rows, notes = _in_circles(rows)
    if of is not None:
        rows = _about(rows, {node.qualified_name or node.name or "" for node in of})
    shown = rows[: limit or None]
    notes = (*notes, *with_source(snapshot, shown))
    return Found(shown, len(rows), _unresolved(snapshot, of), notes, holds=not (cycles and rows))


def _unresolved(snapshot: Snapshot, of: Nodes | None) -> int:
    if of is not None:
        return unresolved(snapshot, {node.name for node in of}, ("import",))
    found = snapshot.rows(
        "select count(distinct n.nid) as n from _edges e join _nodes n on n.nid = e.src "
        "where e.kind = 'UNRESOLVED' and n.kind = 'import'"
    )
    return int(found[0]["n"])


def _row(
    edge: dict[str, Any], nodes: dict[int, dict[str, Any]], guards: dict[tuple[int, str], str]
) -> dict[str, Any]:
    src, dst = nodes[edge["src"]], nodes[edge["dst"]]
    return {
        **{name: edge[name] for name in ("path", "line", "method", "src", "dst")},
        "cycle": None,
        "module": src["title"],
        "imported": dst["title"],
        "kind": dst["kind"],
        "guard": guards.get((src["file_no"], dst["title"]), "none"),
        "imports": edge["imports"] or 1,
        "file_no": src["file_no"],
    }


def _guards(snapshot: Snapshot) -> dict[tuple[int, str], str]:
    """Say, by file and name of an imported module, what all its imports depend on.

    An import that depends on nothing runs whatever others depend on.
    """
    if not snapshot.has("imports"):
        return {}
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for row in snapshot.rows("select file_no, module, target, target_kind, guard from imports"):
        names = [row["module"]]
        if row["target_kind"] in ("module", "submodule"):
            names.append(row["target"])
        for name in names:
            found[row["file_no"], name].add(row["guard"])
    return {
        key: "none" if "none" in kinds else ",".join(sorted(kinds)) for key, kinds in found.items()
    }


def _in_circles(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Keep the imports whose two ends lie in one circle, circle by circle."""
    successors: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        successors[row["src"]].append(row["dst"])
    parts = circles(successors)
    number = {nid: count for count, part in enumerate(parts, 1) for nid in part}
    kept = [
        {**row, "cycle": number[row["src"]]}
        for row in rows
        if number.get(row["src"]) is not None and number[row["src"]] == number.get(row["dst"])
    ]
    kept.sort(key=lambda row: row["cycle"])  # stable: places stay in order
    many = f"{len(parts):,} circles, of " if len(parts) > 1 else "1 circle, of "
    sizes = ", ".join(f"{len(part):,}" for part in parts[:10])
    more = ", ..." if len(parts) > 10 else ""  # noqa: PLR2004 - as many as are listed
    return kept, (f"{many}{sizes}{more} modules",) if parts else ()


def _about(rows: list[dict[str, Any]], names: set[str]) -> list[dict[str, Any]]:
    inside = tuple(f"{name}." for name in names)
    ends = ("module", "imported")
    return [row for row in rows if any(row[e] in names or row[e].startswith(inside) for e in ends)]
