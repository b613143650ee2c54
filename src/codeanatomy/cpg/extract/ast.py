"""Syntax: nodes, definitions, names, calls, imports from Python's own syntax tree."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from codeanatomy.cpg.extract._children import children
from codeanatomy.cpg.extract._labels import NAMES, VALUES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from codeanatomy.cpg.extract._source import Source
    from codeanatomy.cpg.extract._walk import Walk

    Columns = dict[str, Any]
    Spans = tuple[NDArray[np.int32], NDArray[np.int32]]

VERSION = 3


def extract(source: Source) -> dict[str, Columns]:
    """Return the rows of every `ast_*` table; raises what `ast.parse` raises.

    Cost grows with the number of nodes; the tree is walked once.
    """
    walk = source.walked
    found = children(walk)
    nodes, spans = _nodes(source, walk)
    tables = {
        "ast_nodes": nodes,
        "ast_scopes": _scopes(walk),
        "ast_names": _names(source, walk, spans),
        "ast_defs": _definitions(walk, spans),
        "ast_params": _parameters(walk),
        "ast_exports": _columns(walk.exports, _EXPORTS),
    }
    rows = (walk.imports, walk.calls, walk.attributes, walk.docstrings, *found)
    for (table, names), listed in zip(_TABLES.items(), rows, strict=True):
        tables[table] = _columns(listed, names)
    for table in _TEXT_OFFSETS:
        _to_file(source, tables[table])
    for columns in tables.values():
        if "bstart" not in columns:
            node = np.array(columns["node"], np.int64)
            columns["bstart"], columns["bend"] = spans[0][node], spans[1][node]
    return tables


_EXPORTS = ("ordinal", "name", "operation", "bstart", "bend")
_TABLES = {
    "ast_imports": ("node", "statement", "scope", "kind", "module", "name", "asname", "binds",
                    "level", "star", "guard"),
    "ast_calls": ("node", "scope", "owner", "callee", "receiver", "shape", "text", "name",
                  "callee_bstart", "callee_bend"),
    "ast_attributes": ("node", "value", "scope", "base", "name", "role", "owner", "self_class",
                       "name_bstart", "name_bend"),
    "ast_docstrings": ("node", "owner", "text"),
    "ast_args": ("node", "call", "position", "keyword", "star"),
    "ast_bases": ("node", "owner", "position", "keyword", "text"),
    "ast_decorators": ("node", "owner", "position", "text", "bstart", "bend"),
    "ast_annotations": ("node", "owner", "role", "text"),
}  # fmt: skip
# Tables with a span of their own, which visitors give in text offsets.
_TEXT_OFFSETS = ("ast_calls", "ast_attributes", "ast_decorators", "ast_defs", "ast_exports")


def _columns(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> Columns:
    """Turn rows into named columns."""
    if not rows:
        return {name: [] for name in names}
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def _nodes(source: Source, walk: Walk) -> tuple[Columns, Spans]:
    columns = _columns(walk.nodes, ("node", "parent", "field", "index", "scope"))
    nodes = columns["node"]
    spans = _spans(source, nodes)
    moved, coarse = source.places
    return {
        **columns,
        "node": np.arange(len(nodes), dtype=np.int32),
        "kind": [node.__class__.__name__ for node in nodes],
        "name": _labels(nodes, NAMES),
        "value": _labels(nodes, VALUES),
        "bstart": spans[0],
        "bend": spans[1],
        "exact": [id(node) not in coarse for node in nodes],
        "span_source": ["tree_sitter" if id(node) in moved else "ast" for node in nodes],
    }, spans


def _spans(source: Source, nodes: list[Any]) -> Spans:
    """Return the spans of all nodes in file bytes; the first is the module, the whole file."""
    placed = nodes[1:]
    lines = np.array([node.lineno for node in placed], np.int64)
    columns = np.array([node.col_offset for node in placed], np.int64)
    last_lines = np.array([node.end_lineno for node in placed], np.int64)
    last_columns = np.array([node.end_col_offset for node in placed], np.int64)
    starts, ends = source.spans(
        source.offsets(lines, columns), source.offsets(last_lines, last_columns)
    )
    size = np.array([len(source.raw)], np.int32)
    return np.concatenate((size * 0, starts)), np.concatenate((size, ends))


def _labels(
    nodes: Iterable[Any], labels: Mapping[type, Callable[[Any], str | None]]
) -> list[str | None]:
    return [labels[node.__class__](node) if node.__class__ in labels else None for node in nodes]


def _scopes(walk: Walk) -> Columns:
    columns = _columns(walk.opened, ("parent", "kind", "name", "line", "node"))
    columns["scope"] = np.arange(len(walk.opened), dtype=np.int32)
    columns["owner"] = [scope.owner for scope in walk.scopes]
    return columns


def _definitions(walk: Walk, spans: Spans) -> Columns:
    """Give every definition its dotted name; lambdas count within the definition around them."""
    starts, ends = spans
    definitions = sorted(
        walk.definitions.values(),
        key=lambda d: (d.node != 0, int(starts[d.node]), -int(ends[d.node])),
    )
    qualified: dict[int | None, str] = {}
    lambdas: dict[int | None, int] = {}
    for definition in definitions:
        if definition.kind == "lambda":
            lambdas[definition.parent] = seen = lambdas.get(definition.parent, 0) + 1
            definition.name = "<lambda>" if seen == 1 else f"<lambda{seen}>"
        above = qualified.get(definition.parent, "")
        qualified[definition.node] = f"{above}.{definition.name}" if above else definition.name
    names = ("node", "kind", "name", "parent", "owner", "is_async", "name_span", "scope",
             "is_generator")  # fmt: skip
    columns = _columns([*map(attrgetter(*names), definitions)], names)
    placed = [span or (None, None) for span in columns.pop("name_span")]
    return {
        **columns,
        "parent_kind": [None if p is None else walk.definitions[p].kind for p in columns["parent"]],
        "qualname": [qualified[d.node] for d in definitions],
        "name_bstart": [start for start, _ in placed],
        "name_bend": [end for _, end in placed],
    }


def _parameters(walk: Walk) -> Columns:
    names = ("node", "owner", "name", "kind", "position", "scope", "default", "annotation")
    return _columns([*map(attrgetter(*names), walk.parameters.values())], names)


def _names(source: Source, walk: Walk, spans: Spans) -> Columns:
    columns = _columns(walk.occurrences, ("node", "scope", "name", "text", "role", "implicit",
                                          "annotation", "start", "end"))  # fmt: skip
    start, end = (np.array(columns.pop(k), np.int64) for k in ("start", "end"))
    node = np.array(columns["node"], np.int64)
    bstart, bend = spans[0][node], spans[1][node]
    own = np.flatnonzero(start >= 0)
    bstart[own], bend[own] = source.spans(start[own], end[own])
    return {
        **columns,
        "occurrence": np.arange(len(node), dtype=np.int32),
        "bstart": bstart,
        "bend": bend,
    }


def _to_file(source: Source, columns: Columns) -> None:
    """Turn the span that a table has of its own from text offsets into file bytes."""
    start, end = (name for name in columns if name.endswith(("bstart", "bend")))
    given = columns[start]
    known = [at for at, value in enumerate(given) if value is not None]
    starts = np.array([given[at] for at in known], np.int64)
    ends = np.array([columns[end][at] for at in known], np.int64)
    for name, values in zip((start, end), source.spans(starts, ends), strict=True):
        columns[name] = values
        if len(known) < len(given):
            columns[name] = [None] * len(given)
            for at, value in zip(known, values.tolist(), strict=True):
                columns[name][at] = value
