"""Annotations as text: what the source says, strings unquoted."""

from __future__ import annotations

import ast
from typing import Any

from codeanatomy.cpg.extract._texts import clean

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming


def text_of(node: Any) -> str:
    """Write an annotation as `ast.unparse` does; a string is the annotation it holds."""
    if node.__class__ is ast.Constant and node.value.__class__ is str:
        return clean(node.value)
    return _plain(node) or clean(ast.unparse(node))


def may_run(node: Any) -> bool:
    """Whether evaluating an annotation calls something."""
    return not _plain(node) and any(
        part.__class__ in (ast.Call, ast.Lambda) for part in ast.walk(node)
    )


def _plain(node: Any) -> str:
    """Write the usual forms; empty for any other."""
    cls = node.__class__
    if cls is ast.Name:
        name: str = node.id
        return name
    if cls is ast.Constant:
        return "None" if node.value is None else ""
    if cls is ast.Attribute:
        base = _plain(node.value)
        return f"{base}.{node.attr}" if base else ""
    if cls is ast.Subscript:
        return _subscript(node)
    if cls is ast.BinOp and node.op.__class__ is ast.BitOr:
        left, right = _plain(node.left), _plain(node.right)
        return f"{left} | {right}" if left and right and "|" not in right else ""
    return ""


def _subscript(node: Any) -> str:
    base, inner = _plain(node.value), node.slice
    many = inner.__class__ is ast.Tuple
    parts = [_plain(item) for item in (inner.elts if many else [inner])]
    if not base or not all(parts) or (many and len(parts) < 2):  # noqa: PLR2004 - `t[x,]`, `t[()]`
        return ""
    return f"{base}[{', '.join(parts)}]"
