"""Shadows: which binding of a scope around it each binding hides."""

from __future__ import annotations

import pyarrow as pa


def shadowed(ast_scopes: pa.Table, bound: pa.Table) -> pa.Table:
    """Return (file_no, binding, hidden, bstart, bend) for each binding that hides another.

    What a scope can see around it are functions and the module, never a class. Linear in bindings
    times the depth of scopes.
    """
    columns = [ast_scopes[c].to_pylist() for c in ("file_no", "scope", "parent", "kind")]
    around = {(f, s): (p, k) for f, s, p, k in zip(*columns, strict=True)}
    names = [
        bound[c].to_pylist() for c in ("file_no", "scope", "name", "binding", "bstart", "bend")
    ]
    known = {(f, s, n): b for f, s, n, b, _, _ in zip(*names, strict=True)}
    found = [
        (file_no, binding, hidden, start, end)
        for file_no, scope, name, binding, start, end in zip(*names, strict=True)
        if scope and (hidden := _hidden(around, known, file_no, scope, name)) is not None
    ]
    fields = ("file_no", "binding", "hidden", "bstart", "bend")
    arrays = [pa.array([row[i] for row in found], pa.int32()) for i in range(len(fields))]
    return pa.table(arrays, names=list(fields))


def _hidden(
    around: dict[tuple[int, int], tuple[int | None, str]],
    known: dict[tuple[int, int, str], int],
    file_no: int,
    scope: int,
    name: str,
) -> int | None:
    if around[file_no, scope][1] == "class":
        return None  # a class body hides nothing: its names are seen through the class
    parent = around[file_no, scope][0]
    while parent is not None:
        above, kind = around[file_no, parent]
        if kind != "class" and (file_no, parent, name) in known:
            return known[file_no, parent, name]
        parent = above
    return None
