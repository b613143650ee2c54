"""Statements in order: when nested definitions may first be called, and how a body ends."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract._values_versions import slot_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.extract._values_frame import Frame

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming

# Decorators that are known to call nothing of the program's.
_QUIET = frozenset(("property", "staticmethod", "classmethod", "abstractmethod", "setter",
                    "getter", "deleter", "overload", "override", "final"))  # fmt: skip

_MAY_SWALLOW = frozenset((ast.With, ast.AsyncWith))


def block(frame: Frame, body: list[Any]) -> None:
    """Make the steps of statements in order, up to one whose end is never reached."""
    statements = frame.file.statements
    cls: type | None = None
    for node in body:
        if frame.dead:
            if cls not in _MAY_SWALLOW:
                return
            frame.dead = False  # code that somebody wrote after it says that it goes on
        cls = node.__class__
        calm = cls in _CALM and _CALM[cls](frame, node)
        if not calm:
            frame.flush()
        frame.calm = calm
        statements[cls](frame, node)
        frame.calm = False


def finish(frame: Frame) -> None:
    """End a body: a module or class exports what its names hold then."""
    frame.flush()
    for slots in frame.overloads.values():
        for earlier in slots[:-1]:
            frame.add("overload", slots[-1], earlier)
    if frame.kind not in ("module", "class"):
        return
    scopes = frame.file.scopes
    for name in scopes.bound[frame.scope]:
        version = frame.vars.get(name)
        if (frame.scope, name) in scopes.rebound:
            frame.add("export", src=frame.shared((frame.scope, name)), name=name)
        elif version is not None:
            frame.add("export", src=slot_of(version), name=name)
    if frame.kind == "module":
        for name in scopes.made:
            if name not in scopes.bound[0]:
                frame.add("export", src=frame.shared((0, name)), name=name)


def _quiet(frame: Frame, node: Any) -> bool:
    """Whether evaluating an expression runs nothing of the program's."""
    cls = node.__class__
    if cls in (ast.Constant, ast.Name):
        return True
    if cls in (ast.Tuple, ast.List, ast.Set):
        return all(_quiet(frame, element) for element in node.elts)
    if cls is ast.Dict:
        return all(_quiet(frame, part) for part in (*node.keys, *node.values))
    if cls is ast.Lambda:
        return _quiet_defaults(frame, node.args)
    if cls is ast.UnaryOp:
        return node.operand.__class__ is ast.Constant
    return cls is ast.Attribute and _is_module(frame, node.value)


def _is_module(frame: Frame, node: Any) -> bool:
    while node.__class__ is ast.Attribute:
        node = node.value
    return node.__class__ is ast.Name and frame.vars.get(node.id) in frame.imported


def _quiet_defaults(frame: Frame, args: Any) -> bool:
    values = (*args.defaults, *(value for value in args.kw_defaults if value is not None))
    return all(_quiet(frame, value) for value in values)


def _quiet_function(frame: Frame, node: Any) -> bool:
    decorators = (getattr(d, "attr", getattr(d, "id", "")) for d in node.decorator_list)
    return all(name in _QUIET for name in decorators) and _quiet_defaults(frame, node.args)


def _quiet_class(frame: Frame, node: Any) -> bool:
    if node.decorator_list or not all(_quiet(frame, base) for base in node.bases):
        return False
    if not all(_quiet(frame, keyword.value) for keyword in node.keywords):
        return False
    return all(_CALM.get(part.__class__, _never)(frame, part) for part in node.body)


def _quiet_assign(frame: Frame, node: Any) -> bool:
    return all(target.__class__ is ast.Name for target in node.targets) and _quiet(
        frame, node.value
    )


def _quiet_annotation(frame: Frame, node: Any) -> bool:
    if node.target.__class__ is not ast.Name:
        return False
    return node.value is None or _quiet(frame, node.value)


def _never(frame: Frame, node: Any) -> bool:
    del frame, node
    return False


def _always(frame: Frame, node: Any) -> bool:
    del frame, node
    return True


_CALM: dict[type, Callable[[Frame, Any], bool]] = {
    ast.FunctionDef: _quiet_function, ast.AsyncFunctionDef: _quiet_function,
    ast.ClassDef: _quiet_class, ast.Assign: _quiet_assign, ast.AnnAssign: _quiet_annotation,
    ast.Expr: lambda _, node: node.value.__class__ is ast.Constant, ast.Pass: _always,
    ast.Global: _always, ast.Nonlocal: _always,
}  # fmt: skip
