"""Tests that are decided before a program runs: constants, and the interpreter's version."""

from __future__ import annotations

import ast
import operator
import sys
from typing import Any

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming

_OPERATORS: dict[type, Any] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip


def decided(node: Any) -> bool | None:
    """Return what a test gives on this interpreter; None when only a run can tell."""
    cls = node.__class__
    if cls is ast.Constant:
        return bool(node.value)
    if cls is ast.UnaryOp and node.op.__class__ is ast.Not:
        inner = decided(node.operand)
        return None if inner is None else not inner
    if cls is ast.BoolOp:
        return _chain(node)
    if cls is ast.Compare and len(node.ops) == 1:
        return _compared(node)
    return None


def _chain(node: Any) -> bool | None:
    parts = [decided(value) for value in node.values]
    stops = node.op.__class__ is ast.Or
    if stops in parts:
        return stops
    return None if None in parts else not stops


def _compared(node: Any) -> bool | None:
    compare = _OPERATORS.get(node.ops[0].__class__)
    left, right = _version(node.left), _literal(node.comparators[0])
    if compare is None or left is None or right is None or left.__class__ is not right.__class__:
        return None
    return bool(compare(left, right))


def _version(node: Any) -> Any:
    """Return the part of the interpreter's version that an expression stands for."""
    if node.__class__ is ast.Attribute:
        if node.attr == "version_info" and getattr(node.value, "id", "") == "sys":
            return tuple(sys.version_info)
        named = node.attr in ("major", "minor") and isinstance(_version(node.value), tuple)
        return getattr(sys.version_info, node.attr) if named else None
    whole = _version(node.value) if node.__class__ is ast.Subscript else None
    return _part(node, whole) if isinstance(whole, tuple) else None


def _part(node: Any, whole: tuple[Any, ...]) -> Any:
    if node.slice.__class__ is ast.Slice:
        stop = getattr(node.slice.upper, "value", None)
        plain = node.slice.lower is None and node.slice.step is None
        return whole[:stop] if plain and isinstance(stop, int) else None
    at = getattr(node.slice, "value", None)
    return whole[at] if isinstance(at, int) and at < len(whole) else None


def _literal(node: Any) -> Any:
    if node.__class__ is ast.Constant:
        return node.value if isinstance(node.value, int) else None
    if node.__class__ is not ast.Tuple:
        return None
    parts = [getattr(element, "value", None) for element in node.elts]
    return tuple(parts) if all(isinstance(part, int) for part in parts) else None
