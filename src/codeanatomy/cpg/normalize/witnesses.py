"""Witnesses: which evidence saw each node of the tree, by agreement of spans and kinds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg import ids
from codeanatomy.engine import spans

# What a capture of the tolerant tree may be in the graph.
_CAPTURED = {
    "function": ("function", "method"), "class": ("class",), "call": ("call site",),
    "import": ("import",), "docstring": ("docstring",),
}  # fmt: skip
_SCOPED = ("module", "class", "function", "method", "lambda")
_SOURCES = ("ast", "ast,symtable", "ast,tree_sitter", "ast,symtable,tree_sitter")


def witnessed(syntax: pa.Table, ts_captures: pa.Table, scopes: pa.Table) -> pa.Table:
    """Return the nodes of the tree with `sources`: all that saw the same thing in the same place.

    Of several nodes with a capture's span the one whose kind it names is meant. The symbol table
    saw every definition of a file that it has scopes of.
    """
    captured = ts_captures.filter(pc.is_in(ts_captures["capture"], pa.array(list(_CAPTURED))))
    names = [kind for kinds in _CAPTURED.values() for kind in kinds]
    nodes = np.flatnonzero(pc.is_in(syntax["kind"], pa.array(names)).to_numpy())
    candidates = syntax.select(["file_no", "bstart", "bend", "kind"]).take(pa.array(nodes))
    sides = [
        [table[c].to_numpy() for c in ("file_no", "bstart", "bend")]
        for table in (captured, candidates)
    ]
    named = _word(captured["capture"], {name: k for k, name in enumerate(_CAPTURED)})
    kinds = {kind: k for k, group in enumerate(_CAPTURED.values()) for kind in group}
    kind = _word(candidates["kind"], kinds)
    at = spans.exact(*sides[0], *sides[1])
    agree = (at >= 0) & (kind[np.maximum(at, 0)] == named) if len(kind) else at >= 0
    codes = np.zeros(len(syntax), np.int32)
    codes[nodes[at[agree]]] = 2
    files = np.unique(scopes["file_no"].to_numpy())
    scoped = pc.is_in(syntax["kind"], pa.array(_SCOPED)).to_numpy()
    codes[scoped & np.isin(syntax["file_no"].to_numpy(), files)] += 1
    return syntax.append_column("sources", ids.coded(codes, _SOURCES).cast(pa.string()))


def _word(column: pa.ChunkedArray, known: dict[str, int]) -> np.ndarray:
    """Turn texts into the numbers that `known` gives them."""
    encoded = pc.dictionary_encode(column.combine_chunks())
    codes = np.array([known[v] for v in encoded.dictionary.to_pylist()] or [0], np.int64)
    found: np.ndarray = codes[encoded.indices.to_numpy()]
    return found
