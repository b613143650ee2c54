"""A small program whose calls are written by hand, in a store as a build leaves it.

Nodes and names are a real build's; the edges of calls, overrides and instances, and the call sites
of unknown target, are rows of this page. Tests of questions know every one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

import codeanatomy as ca
from codeanatomy.cpg.edges import EDGES_TABLE
from codeanatomy.cpg.nodes import NODES_TABLE
from codeanatomy.store.manifest import Manifest, latest, publish
from codeanatomy.store.open import open_store
from tests.builds import built, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

LAYERS = ("containment", "syntax", "names", "classes", "diagnostics")
PROGRAM = {
    "pyproject.toml": '[project]\nname = "till"\n[project.scripts]\ntill = "till.app:main"\n',
    "till/__init__.py": 'from till.cart import Cart\n\n__all__ = ["Cart"]\n',
    "till/base.py": """\
class Priced:
    def __init__(self):
        self.items = []

    def total(self):
        return 0
""",
    "till/cart.py": """\
from till.base import Priced


class Cart(Priced):
    def total(self):
        return sum(self.items)

    def report(self):
        return self.total() + self.total()
""",
    "till/app.py": """\
from till.cart import Cart


def main():
    cart = Cart()
    show(cart)


def show(cart):
    print(cart.report())


def ping(n):
    return pong(n)


def pong(n):
    return ping(n)


def _unused(x):
    return x.total()


def _helper():
    return _unused(1)
""",
    "till/broken.py": "def f(:\n    main()\n",
}


class Call(NamedTuple):
    """One call site, by its line and name, and its target; `makes` is the class it makes one of."""

    caller: str
    line: int
    name: str
    callee: str
    method: str = "direct"
    confidence: float | None = None
    makes: str = ""


CALLS = (
    Call(
        "till.app.main",
        5,
        "Cart",
        "till.base.Priced.__init__",
        "constructor",
        0.9,
        "till.cart.Cart",
    ),
    Call("till.app.main", 6, "show", "till.app.show", "direct", 1.0),
    Call("till.app.show", 10, "report", "till.cart.Cart.report", "type flow", 0.8),
    Call("till.app.show", 10, "print", "builtins.print", "builtin"),
    Call("till.cart.Cart.total", 6, "sum", "builtins.sum", "builtin"),
    Call("till.cart.Cart.report", 9, "total", "till.cart.Cart.total", "self", 0.95),
    Call("till.app.ping", 14, "pong", "till.app.pong"),
    Call("till.app.pong", 18, "ping", "till.app.ping"),
    Call("till.app._helper", 26, "_unused", "till.app._unused"),
)
UNRESOLVED = (("till/app.py", 22, "total", "parameter"),)
OVERRIDES = (("till.cart.Cart.total", "till.base.Priced.total"),)


def till(root: Path, store: Path) -> ca.Graph:
    """Write the program and its graph with calls."""
    return with_calls(write(root, PROGRAM), store, CALLS, UNRESOLVED, OVERRIDES)


def with_calls(
    root: Path,
    store: Path,
    calls: Iterable[Call] = (),
    unresolved: Iterable[tuple[str, int, str | None, str]] = (),
    overrides: Iterable[tuple[str, str]] = (),
) -> ca.Graph:
    """Build the names of a repository, and publish a version with these edges besides.

    Of unresolved call sites: path, line, name and reason. Every call of one name on one line is
    meant.
    """
    built(root, store, layers=LAYERS)
    graph = ca.open(store)
    edges, nodes = [], []
    for call in calls:
        edges += _called(graph, call)
    for number, (path, line, name, reason) in enumerate(unresolved, 1):
        for site in _sites(graph, path, line, name):
            nodes.append(_unknown(site, number))
            edges.append(_edge("UNRESOLVED", site, nodes[-1], "call", reason=reason))
    for lower, upper in overrides:
        edges.append(_edge("OVERRIDES", _named(graph, lower), _named(graph, upper), "mro"))
    return _published(store, nodes, [*edges, *_callers(graph, calls)])


def _called(graph: ca.Graph, call: Call) -> list[dict[str, Any]]:
    caller, callee = _named(graph, call.caller), _named(graph, call.callee)
    sites = _sites(graph, caller["path"], call.line, call.name)
    found = [_edge("CALL_TARGET", site, callee, call.method, call.confidence) for site in sites]
    if call.makes:
        made = _named(graph, call.makes)
        found += [_edge("INSTANCE_OF", site, made, call.method) for site in sites]
    return found


def _callers(graph: ca.Graph, calls: Iterable[Call]) -> list[dict[str, Any]]:
    """Sum sites up: one edge for each caller and callee, at its first site."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for call in calls:
        caller, callee = _named(graph, call.caller), _named(graph, call.callee)
        sites = _sites(graph, caller["path"], call.line, call.name)
        place = {name: sites[0][name] for name in ("bstart", "bend", "line")}
        row = _edge("CALLS", caller, callee, "calls", call.confidence, count=0) | place
        row = found.setdefault((call.caller, call.callee), row)
        row["props"]["count"] += len(sites)
    return list(found.values())


def _named(graph: ca.Graph, name: str) -> dict[str, Any]:
    return graph.node(name).columns()


def _sites(graph: ca.Graph, path: str, line: int, name: str | None) -> list[dict[str, Any]]:
    found = graph.nodes(kind="call site", path=path)
    sites = [node.columns() for node in found if (node.line, node.name) == (line, name)]
    assert sites, (path, line, name)
    return sites


def _unknown(site: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Make the node that stands for an unknown target."""
    nid = (site["file_no"] << 32) | (1 << 30) | number
    return {**site, "nid": nid, "kind": "unresolved", "syntax": None, "layer": "diagnostics"}


def _edge(
    kind: str,
    src: Mapping[str, Any],
    dst: Mapping[str, Any],
    method: str,
    confidence: float | None = None,
    **props: object,
) -> dict[str, Any]:
    place = {name: src[name] for name in ("path", "bstart", "bend", "line", "repo")}
    return place | {
        "src": src["nid"], "dst": dst["nid"], "kind": kind, "layer": "calls", "sources": "ast",
        "method": method, "confidence": confidence, "ambiguity_group": None,
        "props": props or None, "reach": "program",
    }  # fmt: skip


def _published(store: Path, nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> ca.Graph:
    """Append the rows, and publish the version that has them; no kind of edge is absent now."""
    base = latest(store)
    assert base is not None
    opened = open_store(store)
    for node in nodes:
        node["node_id"] = node["nid"].to_bytes(16, "big")
    tables = dict(base.tables)
    for table, rows in ((NODES_TABLE, nodes), (EDGES_TABLE, edges)):
        if rows:
            data = pa.Table.from_pylist(rows, table.arrow())
            tables[table.name] = opened.append(table, data, base=tables[table.name])
    absent = {
        name: why
        for name, why in base.facts["absent"].items()
        if not why.startswith(("layer types", "layer calls"))
    }
    publish(
        store,
        Manifest(
            number=base.number + 1,
            run_id="calls",
            created=base.created + 1,
            tables=tables,
            facts={**base.facts, "absent": absent},
            parent=base.number,
        ),
    )
    return ca.open(store)
