"""Scopes as two witnesses count them: the syntax tree's numbers put on the symbol table's rows."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa

# The kinds that the symbol table tells apart and the tree does not need to.
_SAME = {"annotation": "function"}


def align(ast_scopes: pa.Table, scopes: pa.Table, scope_symbols: pa.Table) -> pa.Table:
    """Return (file_no, scope, name, class, owner), scopes numbered as the syntax tree does.

    Both witnesses visit scopes in the same order; where an interpreter does not, scopes are
    matched from the module inwards by kind, name and line, equals in order. Cost is linear.
    """
    wanted = ["file_no", "scope", "name", "class", "owner"]
    if _equal(ast_scopes, scopes):
        return scope_symbols.select(wanted)
    maps = _maps(ast_scopes, scopes)
    rows = scope_symbols.select(wanted)
    key = _keys(rows["file_no"], rows["scope"])
    owner = _keys(rows["file_no"], rows["owner"])
    found = np.array([maps.get(k, k & 0x7FFFFFFF) for k in key.tolist()], np.int32)
    owners = np.array([maps.get(k, k & 0x7FFFFFFF) for k in owner.tolist()], np.int32)
    rows = rows.set_column(1, "scope", pa.array(found))
    return rows.set_column(4, "owner", pa.array(owners))


def _equal(left: pa.Table, right: pa.Table) -> bool:
    columns = ("file_no", "scope", "parent", "kind", "name", "line")
    return left.num_rows == right.num_rows and all(
        left[c].combine_chunks().equals(right[c].combine_chunks()) for c in columns
    )


def _keys(files: pa.ChunkedArray, scopes: pa.ChunkedArray) -> Any:  # noqa: ANN401 - an int64 array
    return (files.to_numpy().astype(np.int64) << 32) | scopes.to_numpy().astype(np.int64)


def _maps(ast_scopes: pa.Table, scopes: pa.Table) -> dict[int, int]:
    """Map (file, the symbol table's scope) to the syntax tree's scope."""
    theirs = _children(scopes)
    found: dict[int, int] = {}
    for file_no, ours in _children(ast_scopes).items():
        pending = [(0, 0)]
        while pending:
            mine, other = pending.pop()
            found[(file_no << 32) | other] = mine
            groups = theirs.get(file_no, {}).get(other, {})
            for shape, numbers in ours.get(mine, {}).items():
                pending.extend(zip(numbers, groups.get(shape, ()), strict=False))
    return found


def _children(table: pa.Table) -> dict[int, dict[int, dict[tuple[str, str, int], list[int]]]]:
    found: dict[int, Any] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    columns = [table[c].to_pylist() for c in ("file_no", "scope", "parent", "kind", "name", "line")]
    for file_no, scope, parent, kind, name, line in zip(*columns, strict=True):
        if parent is not None:
            found[file_no][parent][_SAME.get(kind, kind), name, line].append(scope)
    return found
