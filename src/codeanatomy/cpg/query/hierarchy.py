"""The question `hierarchy`: the classes above and below a class, and what its methods override."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg.graph.web import Web, edges_of
from codeanatomy.cpg.query._asked import Found, listed, nodes_of, stopped, with_source

if TYPE_CHECKING:
    from codeanatomy.cpg.graph.snapshot import Snapshot
    from codeanatomy.cpg.query._target import Nodes

    Bases = dict[int, list[int]]


class _Relation(NamedTuple):
    """One way to follow edges: what it finds is called, and the end at which it stands."""

    name: str
    kind: str
    forward: bool
    steps: int


_WAYS = (
    _Relation("base", "base", forward=True, steps=0),
    _Relation("metaclass", "metaclass", forward=True, steps=1),
    _Relation("subclass", "base", forward=False, steps=0),
    _Relation("implements", "IMPLEMENTS", forward=True, steps=1),
    _Relation("implemented by", "IMPLEMENTS", forward=False, steps=1),
    _Relation("overrides", "OVERRIDES", forward=True, steps=0),
    _Relation("overridden by", "OVERRIDES", forward=False, steps=0),
)


def answer(snapshot: Snapshot, of: Nodes, depth: int, limit: int) -> Found:
    """Follow bases up and down, and overrides of its methods, breadth first."""
    inherits = edges_of(
        snapshot, "INHERITS_FROM", more="props['role'] as role, props['index'] as place"
    )
    plain = inherits.filter(pc.is_null(inherits["role"]))
    known = {
        "base": plain,
        "metaclass": inherits.filter(pc.equal(inherits["role"], "metaclass")),
        "IMPLEMENTS": edges_of(snapshot, "IMPLEMENTS"),
        "OVERRIDES": edges_of(snapshot, "OVERRIDES"),
    }
    classes = [node.nid for node in of if node.kind == "class"]
    methods = [node.nid for node in of if node.kind == "method"] + _methods(snapshot, classes)
    order, notes = _order(snapshot, plain, classes)
    found: list[dict[str, Any]] = []
    for way in _WAYS:
        start = methods if way.kind == "OVERRIDES" else classes
        found += _followed(known[way.kind], way, start, depth)
    shown = found[: limit or None]
    nodes = nodes_of(snapshot, {row[end] for row in shown for end in ("src", "dst")})
    rows = [_row(row, nodes, order) for row in shown]
    beyond = sum(row["beyond"] for row in found if row["first"])
    notes = (*notes, *stopped(depth, beyond), *with_source(snapshot, rows))
    return Found(rows, len(found), 0, notes)


def _followed(
    edges: pa.Table, way: _Relation, start: list[int], depth: int
) -> list[dict[str, Any]]:
    steps = way.steps or depth
    walk = Web(edges, forward=way.forward).walk(start, steps)
    beyond = walk.beyond if not way.steps else 0
    return [
        {**edge, "way": way, "depth": int(step), "first": not place, "beyond": beyond}
        for place, (step, edge) in enumerate(
            zip(walk.steps.tolist(), edges.take(walk.rows).to_pylist(), strict=True)
        )
    ]


def _row(
    edge: dict[str, Any], nodes: dict[int, dict[str, Any]], order: dict[int, int]
) -> dict[str, Any]:
    way: _Relation = edge["way"]
    found = edge["dst" if way.forward else "src"]
    return {
        "relation": way.name,
        "depth": edge["depth"],
        "name": nodes[found]["title"],
        "kind": nodes[found]["kind"],
        "derived": nodes[edge["src"]]["title"],
        "base": nodes[edge["dst"]]["title"],
        "mro": order.get(found) if way.name == "base" else None,
        "file_no": edge["src"] >> 32,
        **{name: edge[name] for name in ("path", "line", "method", "confidence")},
    }


def _methods(snapshot: Snapshot, classes: list[int]) -> list[int]:
    found = snapshot.rows(
        "select e.src from _edges e join _nodes n on n.nid = e.src "  # noqa: S608 - numbers
        f"where e.kind = 'MEMBER_OF' and n.kind = 'method' and e.dst in ({listed(classes)}) "
        "order by e.src"
    )
    return [row["src"] for row in found]


def _order(
    snapshot: Snapshot, edges: pa.Table, classes: list[int]
) -> tuple[dict[int, int], tuple[str, ...]]:
    """Return the place of each class in the method resolution order, or say why there is none."""
    if len(classes) != 1:
        return {}, ("no method resolution order: several classes have the name",) * bool(classes)
    bases: Bases = defaultdict(list)
    places: dict[int, set[int | None]] = defaultdict(set)
    above = Web(edges).reached(classes).tolist() or classes
    edges = edges.filter(pc.is_in(edges["src"], pa.array(above)))
    for edge in sorted(edges.to_pylist(), key=lambda edge: (edge["src"], edge["place"] or 0)):
        if edge["place"] in places[edge["src"]]:
            return {}, _why(snapshot, edge["src"], "may have one of several bases")
        places[edge["src"]].add(edge["place"])
        bases[edge["src"]].append(edge["dst"])
    found = snapshot.rows(
        "select distinct src from _edges where kind = 'UNRESOLVED' "  # noqa: S608 - numbers
        f"and src in ({listed(above)}) order by src"
    )
    if found:
        return {}, _why(snapshot, found[0]["src"], "has a base that is not known")
    order = resolution(bases, classes[0])
    if order is None:
        return {}, _why(snapshot, classes[0], "has bases that no order fits")
    return {nid: place for place, nid in enumerate(order) if place}, ()


def _why(snapshot: Snapshot, nid: int, what: str) -> tuple[str, ...]:
    return (f"no method resolution order: {nodes_of(snapshot, [nid])[nid]['title']} {what}",)


def resolution(bases: Bases, of: int) -> list[int] | None:
    """Return the method resolution order of a class, itself first; None where there is none.

    C3: Barrett and others, "A monotonic superclass linearization for Dylan" (1996), as in
    Python's "The Python 2.3 Method Resolution Order". A circle of bases has no order.
    """
    orders: dict[int, list[int]] = {}
    stack, entered = [of], set()
    while stack:
        node = stack[-1]
        above = bases.get(node, [])
        missing = [base for base in above if base not in orders]
        if not missing:
            merged = _merged([*(orders[base] for base in above), list(above)])
            if merged is None:
                return None
            orders[stack.pop()] = [node, *merged]
        elif node in entered and any(base in entered for base in missing):
            return None
        else:
            entered.add(node)
            stack += [base for base in missing if base not in orders]
    return orders[of]


def _merged(orders: list[list[int]]) -> list[int] | None:
    """Take, again and again, the first head that is in no tail."""
    left = [order for order in orders if order]
    found: list[int] = []
    while left:
        tails = {nid for order in left for nid in order[1:]}
        head = next((order[0] for order in left if order[0] not in tails), None)
        if head is None:
            return None
        found.append(head)
        left = [rest for order in left if (rest := [nid for nid in order if nid != head])]
    return found
