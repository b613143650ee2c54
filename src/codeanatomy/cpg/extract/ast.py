"""Syntax: nodes, definitions, names, calls, imports from Python's own syntax tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from codeanatomy.cpg.extract._definitions import DEFINITIONS, NAME, PARENT, module
from codeanatomy.cpg.extract._expressions import EXPRESSIONS
from codeanatomy.cpg.extract._walk import Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from codeanatomy.cpg.extract._source import Source

    Columns = dict[str, Any]
    Spans = tuple[NDArray[np.int32], NDArray[np.int32]]

VERSION = 2
_VISITORS: dict[type, Any] = {**EXPRESSIONS, **DEFINITIONS}


def extract(source: Source) -> dict[str, Columns]:
    """Return the rows of every `ast_*` table; raises what `ast.parse` raises.

    Cost grows with the number of nodes; the tree is walked once.
    """
    tree = source.tree
    walk = Walk(source)
    module(walk, tree, len(walk.starts))
    walk.run(_VISITORS)
    nodes, spans = _nodes(walk)
    tables = {"ast_nodes": nodes, "ast_defs": _definitions(walk, spans)}
    tables["ast_names"] = _names(walk, spans)
    tables["ast_scopes"] = _scopes(walk, spans)
    for table, names in _PLAIN.items():
        columns = _columns(walk.rows[table], names)
        tables[table] = _with_spans(columns, np.array(columns["node"], np.int64), spans)
    tables["ast_params"] = _parameters(walk, spans)
    for table, names in _PLACED.items():
        tables[table] = _placed(walk, _columns(walk.rows[table], names), spans)
    tables["ast_exports"] = _exports(walk)
    return tables


_PLAIN = {
    "ast_imports": ("node", "statement", "scope", "kind", "module", "name", "asname", "binds",
                    "level", "star", "guard"),
    "ast_args": ("node", "call", "position", "keyword", "star"),
    "ast_docstrings": ("node", "owner", "text"),
    "ast_annotations": ("node", "owner", "role", "text"),
    "ast_bases": ("node", "owner", "position", "keyword", "text"),
}  # fmt: skip
_PLACED = {
    "ast_calls": ("node", "scope", "owner", "callee", "receiver", "shape", "text", "name",
                  "callee_bstart", "callee_bend"),
    "ast_attributes": ("node", "value", "scope", "base", "name", "role", "owner", "self_class",
                       "name_bstart", "name_bend"),
    "ast_decorators": ("node", "owner", "position", "text", "bstart", "bend"),
}  # fmt: skip


def _columns(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> Columns:
    """Turn rows into named columns."""
    if not rows:
        return {name: [] for name in names}
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def _with_spans(columns: Columns, node: NDArray[np.int64], spans: Spans) -> Columns:
    columns["bstart"], columns["bend"] = spans[0][node], spans[1][node]
    return columns


def _nodes(walk: Walk) -> tuple[Columns, Spans]:
    names = ("parent", "field", "index", "scope", "l0", "c0", "l1", "c1", "id")
    columns = _columns(walk.nodes, names)
    lines = [np.array(columns.pop(k), np.int64) for k in ("l0", "c0", "l1", "c1")]
    offsets = walk.source.offsets
    spans = walk.source.spans(offsets(lines[0], lines[1]), offsets(lines[2], lines[3]))
    spans[0][0], spans[1][0] = 0, len(walk.source.raw)
    moved, coarse, ids = walk.moved, walk.coarse, columns.pop("id")
    columns |= {
        "node": np.arange(len(walk.nodes), dtype=np.int32),
        "index": [None if i < 0 else i for i in columns["index"]],
        "kind": walk.kinds, "name": walk.names, "value": walk.values,
        "bstart": spans[0], "bend": spans[1], "exact": [i not in coarse for i in ids],
        "span_source": ["tree_sitter" if i in moved else "ast" for i in ids],
    }  # fmt: skip
    return columns, spans


def _scopes(walk: Walk, spans: Spans) -> Columns:
    names = ("scope", "parent", "kind", "name", "line", "node")
    columns = _columns(walk.scope_rows, names)
    columns["owner"] = [scope.owner for scope in walk.scopes]
    return _with_spans(columns, np.array(columns["node"], np.int64), spans)


def _definitions(walk: Walk, spans: Spans) -> Columns:
    """Give every definition its dotted name; lambdas count within the definition around them."""
    numbers = sorted(walk.definitions, key=lambda n: (n != 0, int(spans[0][n]), -int(spans[1][n])))
    qualified: dict[int, str] = {}
    lambdas: dict[int, int] = {}
    for number in numbers:
        definition = walk.definitions[number]
        parent = definition[PARENT]
        if definition[0] == "lambda":
            lambdas[parent] = seen = lambdas.get(parent, 0) + 1
            definition[NAME] = "<lambda>" if seen == 1 else f"<lambda{seen}>"
        above = qualified.get(parent, "")
        qualified[number] = f"{above}.{definition[NAME]}" if above else definition[NAME]
    names = ("kind", "name", "parent", "scope", "owner", "is_async", "is_generator",
             "name_bstart", "name_bend", "_", "__")  # fmt: skip
    columns = _columns([walk.definitions[n] for n in numbers], names)
    del columns["_"], columns["__"]
    kinds = {n: walk.definitions[n][0] for n in numbers}
    columns["parent_kind"] = [kinds.get(p) for p in columns["parent"]]
    columns["qualname"] = [qualified[n] for n in numbers]
    columns["node"] = numbers
    return _placed(walk, columns, spans)


def _placed(walk: Walk, columns: Columns, spans: Spans) -> Columns:
    """Map the extra span of a table, given in text offsets, and add the node's own if it lacks."""
    node = np.array(columns["node"], np.int64)
    pairs = [n.removesuffix("bstart") for n in columns if n.endswith("bstart")]
    for prefix in pairs:
        start, end = f"{prefix}bstart", f"{prefix}bend"
        known = [i for i, value in enumerate(columns[start]) if value is not None]
        starts = np.array([columns[start][i] for i in known], np.int64)
        ends = np.array([columns[end][i] for i in known], np.int64)
        for column, values in zip((start, end), walk.source.spans(starts, ends), strict=True):
            fresh: list[int | None] = [None] * len(columns[column])
            for i, value in zip(known, values.tolist(), strict=True):
                fresh[i] = value
            columns[column] = fresh
    return columns if "bstart" in columns else _with_spans(columns, node, spans)


def _names(walk: Walk, spans: Spans) -> Columns:
    columns = _columns(walk.occurrences, ("node", "scope", "name", "text", "role", "implicit",
                                          "annotation", "start", "end"))  # fmt: skip
    start, end = (np.array(columns.pop(k), np.int64) for k in ("start", "end"))
    given = walk.source.spans(np.maximum(start, 0), np.maximum(end, 0))
    node = np.array(columns["node"], np.int64)
    columns["occurrence"] = np.arange(len(node), dtype=np.int32)
    columns["bstart"] = np.where(start >= 0, given[0], spans[0][node]).astype(np.int32)
    columns["bend"] = np.where(start >= 0, given[1], spans[1][node]).astype(np.int32)
    return columns


def _parameters(walk: Walk, spans: Spans) -> Columns:
    names = ("node", "owner", "scope", "name", "kind", "default", "annotation", "position")
    columns = _columns(walk.rows["ast_params"], names)
    return _with_spans(columns, np.array(columns["node"], np.int64), spans)


def _exports(walk: Walk) -> Columns:
    columns = _columns(
        walk.rows["ast_exports"], ("ordinal", "name", "operation", "bstart", "bend")
    )
    starts, ends = (np.array(columns[k], np.int64) for k in ("bstart", "bend"))
    columns["bstart"], columns["bend"] = walk.source.spans(starts, ends)
    return columns


