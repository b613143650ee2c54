"""Nodes and edges as they are found, and the tables they become once every number is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from codeanatomy.cpg import ids
from codeanatomy.cpg.edges import BY_NAME as EDGE_KINDS
from codeanatomy.cpg.edges import EDGES_TABLE
from codeanatomy.cpg.nodes import BY_NAME as NODE_KINDS
from codeanatomy.cpg.nodes import LAYERS, NODES_TABLE, SHARED
from codeanatomy.cpg.normalize.identity import line_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    Key = tuple[str, str]
    End = int | Key  # a node that has its number, or one whose number is handed out
    HandOut = Callable[[Iterable[Key]], Mapping[Key, int]]

_LINKED = "linked\0"  # sets these nodes' hashes apart from those of a file alone: spans are equal


class Shared(NamedTuple):
    """A node without a file: a folder, or something outside the store."""

    kind: str
    name: str
    qualified: str
    repo: str = SHARED
    path: str | None = None
    sources: str = "imports"

    @property
    def key(self) -> Key:
        """Return the scope and name by which its number is handed out."""
        if self.path is None:
            return (self.kind, self.qualified)
        return (f"{self.kind}\0{self.repo}", self.path or self.repo)


class Place(NamedTuple):
    """Where in a file something shows: the file, and a span of it."""

    file_no: int
    bstart: int | None = None
    bend: int | None = None


class Edge(NamedTuple):
    """One edge; `dst` may be a node whose number is not handed out yet."""

    src: End
    dst: End
    kind: str
    place: Place
    sources: str
    method: str
    role: str | None = None
    position: int | None = None
    times: int | None = None
    group: int | None = None
    reason: str | None = None


class _Unresolved(NamedTuple):
    place: Place
    source: str  # the kind of node it is about
    src: int
    name: str
    reason: str
    sources: str
    method: str
    role: str | None
    position: int | None
    group: int | None


class Rows:
    """Nodes and edges in the making."""

    def __init__(self) -> None:
        self._shared: dict[Key, Shared] = {}
        self._edges: list[Edge] = []
        self._unresolved: list[_Unresolved] = []

    def share(self, node: Shared) -> Key:
        """Note a node without a file, once, and return what stands for its number."""
        key = node.key
        self._shared.setdefault(key, node)
        return key

    def add(self, edge: Edge) -> None:
        """Note an edge."""
        self._edges.append(edge)

    def unresolved(  # noqa: PLR0913 - the facts of a node and of the edge to it
        self, src: int, source: str, place: Place, name: str, reason: str, *, method: str,
        sources: str, role: str | None = None, position: int | None = None,
        group: int | None = None,
    ) -> None:  # fmt: skip
        """Note that the target of something is not known, and why."""
        row = _Unresolved(place, source, src, name, reason, sources, method, role, position, group)
        self._unresolved.append(row)

    def tables(
        self,
        files: Mapping[int, tuple[str, str]],
        numbers: HandOut,
        file_lines: pa.Table | None,
    ) -> tuple[pa.Table, pa.Table]:
        """Return the nodes and the edges; `files` holds each file's repository and path."""
        shared = [self._shared[key] for key in sorted(self._shared)]
        ordinals = numbers([node.key for node in shared])
        nids = {node.key: shared_nid(node, ordinals[node.key]) for node in shared}
        missing = _in_order(self._unresolved)
        made = list(zip(_numbered(missing), missing, strict=True))
        nodes = [shared_nodes(shared, nids), _unresolved_nodes(made, files, file_lines)]
        edges = [*self._edges, *(_unresolved_edge(nid, row) for nid, row in made)]
        return (
            pa.concat_tables(nodes).sort_by("nid"),
            _edge_table(edges, nids, files, file_lines),
        )


def shared_nid(node: Shared, ordinal: int) -> int:
    """Return the number of a node without a file."""
    return LAYERS.index(NODE_KINDS[node.kind].layer) << ids.LAYER_BITS | ordinal


def _in_order(rows: list[_Unresolved]) -> list[_Unresolved]:
    return sorted(
        rows, key=lambda r: (*r.place, r.source, r.src, r.name, r.reason, r.position or 0)
    )


def _numbered(rows: list[_Unresolved]) -> list[int]:
    """Return the numbers of what is not resolved, counted within each file."""
    file_no = np.array([row.place.file_no for row in rows], np.int64)
    place = np.arange(len(rows)) - np.searchsorted(file_no, file_no)
    layer = np.full(len(rows), ids.LINKED, np.int64)
    found: list[int] = ids.number(file_no, layer, place).tolist()
    return found


def _unresolved_edge(nid: int, row: _Unresolved) -> Edge:
    return Edge(
        row.src, nid, "UNRESOLVED", row.place, row.sources, row.method,
        role=row.role, position=row.position, group=row.group, reason=row.reason,
    )  # fmt: skip


def shared_nodes(rows: list[Shared], nids: Mapping[Key, int]) -> pa.Table:
    """Return the rows of nodes without a file."""
    zeros = np.zeros(len(rows), np.int64)
    columns = {
        "node_id": ids.hashed(
            _words([r.repo for r in rows]), _words([r.path for r in rows]), _codes(rows),
            _words([r.qualified for r in rows]), zeros, zeros,
        ),
        "nid": [nids[r.key] for r in rows],
        "kind": [r.kind for r in rows],
        "name": [r.name for r in rows],
        "qualified_name": [r.qualified for r in rows],
        "path": [r.path for r in rows],
        "layer": [NODE_KINDS[r.kind].layer for r in rows],
        "sources": [r.sources if r.path is None else "repo" for r in rows],
        "file_no": zeros,
        "repo": [r.repo for r in rows],
    }  # fmt: skip
    return _node_table(columns, len(rows))


def _codes(rows: list[Shared]) -> NDArray[np.int64]:
    return np.array([ids.KIND_CODE[row.kind] for row in rows], np.int64)


def _words(texts: list[str | None] | list[str]) -> NDArray[np.uint64]:
    found: NDArray[np.uint64] = ids.text_words(pa.array(texts, pa.string()))
    return found


def _unresolved_nodes(
    made: list[tuple[int, _Unresolved]],
    files: Mapping[int, tuple[str, str]],
    file_lines: pa.Table | None,
) -> pa.Table:
    rows = [row for _, row in made]
    places = [row.place for row in rows]
    at = [files[place.file_no] for place in places]
    start = np.array([place.bstart or 0 for place in places], np.int64)
    end = np.array([place.bend or 0 for place in places], np.int64)
    kind = np.full(len(rows), ids.KIND_CODE["unresolved"], np.int64)
    line, column = _lines(file_lines, places)
    columns = {
        "node_id": ids.hashed(
            _words([_LINKED + repo for repo, _ in at]), _words([path for _, path in at]), kind,
            np.zeros(len(rows), np.uint64), start, end,
        ),
        "nid": [nid for nid, _ in made],
        "kind": ["unresolved"] * len(rows),
        "name": [row.name for row in rows],
        "path": [path for _, path in at],
        "bstart": [place.bstart for place in places],
        "bend": [place.bend for place in places],
        "line": line,
        "column": column,
        "layer": ["diagnostics"] * len(rows),
        "sources": [row.sources for row in rows],
        "file_no": [place.file_no for place in places],
        "repo": [repo for repo, _ in at],
    }  # fmt: skip
    return _node_table(columns, len(rows))


def _node_table(columns: Mapping[str, object], length: int) -> pa.Table:
    return _table(NODES_TABLE.arrow(), {"reach": ["program"] * length, **columns}, length)


def _table(schema: pa.Schema, columns: Mapping[str, object], length: int) -> pa.Table:
    """Lay columns out as declared; those that are not given are null."""
    nothing = [None] * length
    arrays = [
        given if isinstance(given, pa.Array) else pa.array(given).cast(field.type)
        for field in schema
        for given in [columns.get(field.name, nothing)]
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _edge_table(
    edges: list[Edge],
    nids: Mapping[Key, int],
    files: Mapping[int, tuple[str, str]],
    file_lines: pa.Table | None,
) -> pa.Table:
    """Lay edges out, sorted by their key; equal ones are one."""
    keyed: dict[tuple[str, int, int, int, int], Edge] = {}
    for edge in edges:
        src = edge.src if isinstance(edge.src, int) else nids[edge.src]
        dst = edge.dst if isinstance(edge.dst, int) else nids[edge.dst]
        place = edge.place
        key = (edge.kind, src, dst, place.bstart or 0, place.bend or 0)
        keyed.setdefault(key, edge)
    rows = sorted(keyed.items(), key=lambda item: item[0])
    found = [edge for _, edge in rows]
    places = [edge.place for edge in found]
    props = {
        "role": pa.array([edge.role for edge in found], pa.string()),
        "index": pa.array([edge.position for edge in found], pa.int32()),
        "count": pa.array([edge.times for edge in found], pa.int32()),
        "reason": pa.array([edge.reason for edge in found], pa.string()),
    }
    schema = EDGES_TABLE.arrow()
    columns = {
        "src": [key[1] for key, _ in rows],
        "dst": [key[2] for key, _ in rows],
        "kind": [edge.kind for edge in found],
        "path": [files[p.file_no][1] if p.file_no else None for p in places],
        "bstart": [p.bstart for p in places],
        "bend": [p.bend for p in places],
        "line": _lines(file_lines, places)[0],
        "layer": [EDGE_KINDS[edge.kind].layer for edge in found],
        "sources": [edge.sources for edge in found],
        "method": [edge.method for edge in found],
        "confidence": pa.array(
            [1.0 if edge.kind == "CONTAINS" else None for edge in found], pa.float64()
        ),
        "ambiguity_group": [edge.group for edge in found],
        "props": _struct(schema.field("props").type, props, len(found)),
        "repo": [_repo(edge.src, files) for edge in found],
        "reach": ["program"] * len(found),
    }
    return _table(schema, columns, len(found))


def _repo(src: End, files: Mapping[int, tuple[str, str]]) -> str:
    return files[src >> 32][0] if isinstance(src, int) else src[0].partition("\0")[2] or SHARED


def _struct(kind: pa.StructType, given: Mapping[str, pa.Array], length: int) -> pa.StructArray:
    """Lay out facts of edges; null where an edge has none."""
    arrays = [given.get(field.name, pa.nulls(length, field.type)) for field in kind]
    empty = np.ones(length, bool)
    for array in given.values():
        empty &= array.is_null().to_numpy(zero_copy_only=False)
    return pa.StructArray.from_arrays(arrays, fields=list(kind), mask=pa.array(empty))


def _lines(file_lines: pa.Table | None, places: list[Place]) -> tuple[pa.Array, pa.Array]:
    """Return line and byte of line of each place; null where there is no place, or no lines."""
    length = len(places)
    if file_lines is None or not length:
        return pa.nulls(length, pa.int32()), pa.nulls(length, pa.int32())
    file_no = np.array([place.file_no for place in places], np.int64)
    start = np.array([place.bstart or 0 for place in places], np.int64)
    nowhere = np.array([place.bstart is None for place in places], bool)
    line, column = line_column(file_lines, file_no, start)
    return pa.array(line, mask=nowhere), pa.array(column, mask=nowhere)
