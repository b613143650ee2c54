"""Facts of the resolver as rows of `nodes` and `edges`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from codeanatomy.cpg import ids
from codeanatomy.cpg.edges import BY_NAME as EDGE_KINDS
from codeanatomy.cpg.edges import EDGES_TABLE
from codeanatomy.cpg.link.rows import Shared, shared_nid, shared_nodes
from codeanatomy.cpg.nodes import BY_NAME as NODE_KINDS
from codeanatomy.cpg.nodes import LAYERS, NODES_TABLE
from codeanatomy.cpg.normalize.identity import line_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.cpg.link.rows import HandOut

_MARK = "resolved\0"  # sets these nodes' hashes apart from those of a file alone: spans are equal
_LAYER = LAYERS.index("calls")


class Spot(NamedTuple):
    """One syntax node: its number in the graph, its span, and its identifier's."""

    nid: int
    bstart: int
    bend: int
    name_bstart: int
    name_bend: int


class Site(NamedTuple):
    """A node of this stage's own: an implicit call, or something that is not resolved."""

    file_no: int
    bstart: int
    bend: int
    kind: str
    name: str
    number: int  # the node it belongs to, to tell equals apart


class Edge(NamedTuple):
    """One edge; an end is a number, a node of this stage's own, or a dotted name outside.

    A type is an end too: a node without a file.
    """

    kind: str
    src: int | Site
    dst: int | Site | str | Shared
    file_no: int
    bstart: int
    bend: int
    method: str
    sources: str = "ast"
    confidence: float | None = None
    group: int | Site | None = None
    times: int | None = None
    role: str | None = None
    reason: str | None = None


class Rows:
    """Edges in the making; their ends become numbers when all are there."""

    def __init__(self, files: Mapping[int, tuple[str, str]], builtins: Mapping[str, int]) -> None:
        """Take each file's repository and path, and the builtins' nodes."""
        self._files, self._builtins = files, builtins
        self._edges: dict[tuple[object, ...], Edge] = {}
        self._calls: dict[tuple[object, object], Edge] = {}

    def add(self, edge: Edge) -> None:
        """Note an edge; of equal ones the first counts."""
        if self._edges.setdefault(_key(edge), edge) is edge and edge.kind == "CALLS":
            self._calls[edge.src, edge.dst] = edge

    def of(self, kind: str) -> list[Edge]:
        """Return the edges of a kind so far."""
        return [edge for edge in self._edges.values() if edge.kind == kind]

    def now(self, edge: Edge) -> Edge:
        """Return an edge as it was replaced."""
        return self._edges[_key(edge)]

    def calls(self, caller: int, callee: int | str) -> Edge | None:
        """Return the edge that says that one definition calls another."""
        return self._calls.get((caller, callee))

    def replace(self, edge: Edge, by: Edge) -> None:
        """Put an edge in place of one with the same ends and place."""
        self._edges[_key(edge)] = by

    def remove(self, edge: Edge) -> None:
        """Take an edge away."""
        del self._edges[_key(edge)]

    def tables(self, numbers: HandOut, file_lines: pa.Table | None) -> tuple[pa.Table, pa.Table]:
        """Return nodes and edges; `numbers` hands out those of nodes without a file."""
        edges = list(self._edges.values())
        sites = _numbered(edges)
        shared = self._shared(edges, numbers)
        nodes = [
            shared_nodes([node for node, _ in shared.values()],
                         {node.key: nid for node, nid in shared.values()}),
            self._site_nodes(sites, file_lines),
        ]  # fmt: skip
        return pa.concat_tables(nodes).sort_by("nid"), self._table(edges, sites, shared, file_lines)

    def _shared(
        self, edges: list[Edge], numbers: HandOut
    ) -> dict[str | Shared, tuple[Shared, int]]:
        names = sorted({e.dst for e in edges if isinstance(e.dst, str)})
        nodes: dict[str | Shared, Shared] = {
            name: Shared("external symbol", name.rpartition(".")[2], name)
            for name in names
            if self._builtin(name) is None
        }
        nodes.update((t, t) for t in sorted({e.dst for e in edges if isinstance(e.dst, Shared)}))
        given = numbers([node.key for node in nodes.values()])
        return {end: (n, shared_nid(n, given[n.key])) for end, n in nodes.items()}

    def _builtin(self, name: str) -> int | None:
        if not name.startswith("builtins."):
            return None
        return self._builtins.get(name.removeprefix("builtins."))

    def _site_nodes(self, sites: Mapping[Site, int], file_lines: pa.Table | None) -> pa.Table:
        rows = list(sites)
        length = len(rows)
        at = [self._files[row.file_no] for row in rows]
        start = np.array([row.bstart for row in rows], np.int64)
        end = np.array([row.bend for row in rows], np.int64)
        file_no = np.array([row.file_no for row in rows], np.int64)
        kind = np.array([ids.KIND_CODE[row.kind] for row in rows], np.int64)
        line, column = _lines(file_lines, file_no, start)
        columns = {
            "node_id": ids.hashed(
                ids.text_words(pa.array([_MARK + repo for repo, _ in at], pa.string())),
                ids.text_words(pa.array([path for _, path in at], pa.string())), kind,
                np.zeros(length, np.uint64), start, end,
            ),
            "nid": list(sites.values()), "kind": [row.kind for row in rows],
            "name": [row.name for row in rows], "path": [path for _, path in at],
            "bstart": start, "bend": end, "line": line, "column": column,
            "layer": ["calls" if row.kind == "call site" else NODE_KINDS[row.kind].layer
                      for row in rows],
            "sources": ["ast"] * length, "file_no": file_no, "repo": [repo for repo, _ in at],
            "reach": ["program"] * length,
        }  # fmt: skip
        return _laid_out(NODES_TABLE.arrow(), columns, length)

    def _table(
        self, edges: list[Edge], sites: Mapping[Site, int],
        shared: Mapping[str | Shared, tuple[Shared, int]], file_lines: pa.Table | None,
    ) -> pa.Table:  # fmt: skip
        def number(end: int | Site | str | Shared) -> int:
            if isinstance(end, int):
                return end
            if isinstance(end, Site):
                return sites[end]
            builtin = self._builtin(end) if isinstance(end, str) else None
            return shared[end][1] if builtin is None else builtin

        schema = EDGES_TABLE.arrow()
        file_no = np.array([e.file_no for e in edges], np.int64)
        start = np.array([e.bstart for e in edges], np.int64)
        props = [pa.array([getattr(e, n) for e in edges], t) for _, n, t in _PROPS]
        columns = {
            "src": [number(e.src) for e in edges], "dst": [number(e.dst) for e in edges],
            "kind": [e.kind for e in edges], "path": [self._files[e.file_no][1] for e in edges],
            "bstart": start, "bend": [e.bend for e in edges],
            "line": _lines(file_lines, file_no, start)[0],
            "layer": [EDGE_KINDS[e.kind].layer for e in edges],
            "sources": [e.sources for e in edges], "method": [e.method for e in edges],
            "confidence": pa.array([e.confidence for e in edges], pa.float64()),
            "ambiguity_group": pa.array(
                [None if e.group is None else number(e.group) for e in edges], pa.int64()),
            "props": _struct(schema.field("props").type, props, len(edges)),
            "repo": [self._files[e.file_no][0] for e in edges],
            "reach": ["program"] * len(edges),
        }  # fmt: skip
        table = _laid_out(schema, columns, len(edges))
        order = np.lexsort(tuple(
            table[c].to_numpy() for c in ("bend", "bstart", "dst", "src")))  # fmt: skip
        return table.take(pa.array(order))


def _key(edge: Edge) -> tuple[object, ...]:
    return (edge.kind, edge.src, edge.dst, edge.bstart, edge.bend)


_PROPS = (("role", "role", pa.string()), ("count", "times", pa.int32()),
          ("reason", "reason", pa.string()))  # fmt: skip


def _numbered(edges: list[Edge]) -> dict[Site, int]:
    """Return a number for each node of this stage's own, within its file in order of place."""
    found = {end for e in edges for end in (e.src, e.dst) if isinstance(end, Site)}
    rows = sorted(found)
    file_no = np.array([row.file_no for row in rows], np.int64)
    place = np.arange(len(rows)) - np.searchsorted(file_no, file_no)
    nid = ids.number(file_no, np.full(len(rows), _LAYER, np.int64), place)
    return dict(zip(rows, nid.tolist(), strict=True))


def _lines(
    file_lines: pa.Table | None, file_no: np.ndarray, start: np.ndarray
) -> tuple[pa.Array, pa.Array]:
    if file_lines is None or not len(start):
        return pa.nulls(len(start), pa.int32()), pa.nulls(len(start), pa.int32())
    line, column = line_column(file_lines, file_no, start)
    return pa.array(line), pa.array(column)


def _laid_out(schema: pa.Schema, columns: Mapping[str, object], length: int) -> pa.Table:
    """Lay columns out as declared; those that are not given are null."""
    arrays = []
    for field in schema:
        given = columns.get(field.name)
        if given is None:
            arrays.append(pa.nulls(length, field.type))
        else:
            array = given if isinstance(given, pa.Array) else pa.array(given)
            arrays.append(array.cast(field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def _struct(kind: pa.StructType, given: list[pa.Array], length: int) -> pa.StructArray:
    """Lay out facts of edges; null where an edge has none."""
    by_name = dict(zip((name for name, _, _ in _PROPS), given, strict=True))
    arrays = [by_name.get(field.name, pa.nulls(length, field.type)) for field in kind]
    empty = np.ones(length, bool)
    for array in given:
        empty &= array.is_null().to_numpy(zero_copy_only=False)
    return pa.StructArray.from_arrays(arrays, fields=list(kind), mask=pa.array(empty))
