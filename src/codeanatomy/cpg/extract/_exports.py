"""What a module's top-level statements say of `__all__`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract._texts import clean, dotted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codeanatomy.cpg.extract._walk import Walk

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming

_COPIES = ("list", "tuple", "set", "sorted")  # of one argument: the same names


def assigned(walk: Walk, targets: Iterable[Any], value: Any) -> None:
    """Note `__all__ = [...]`, with or without an annotation."""
    if value is not None and any(_is_all(target) for target in targets):
        _items(walk, value, "assign")
    else:
        changed(walk, targets)


def augmented(walk: Walk, target: Any, op: Any, value: Any) -> None:
    """Note `__all__ += [...]`."""
    if _is_all(target) and op.__class__ is ast.Add:
        _items(walk, value, "add")
    elif _is_all(target):
        _row(walk, target, None, "dynamic")
    else:
        changed(walk, (target,))


def called(walk: Walk, call: ast.Call) -> None:
    """Note `__all__.extend(...)`, `.append(...)` and `.remove(...)`."""
    func: Any = call.func
    if func.__class__ is not ast.Attribute or not _is_all(func.value):
        return
    if func.attr in ("append", "remove") and len(call.args) == 1:
        _item(walk, call.args[0], "add" if func.attr == "append" else "remove")
    elif func.attr in ("extend", "__iadd__") and len(call.args) == 1:
        _items(walk, call.args[0], "add")
    elif func.attr not in _HARMLESS:
        _row(walk, call, None, "dynamic")


_HARMLESS = ("sort", "reverse", "copy", "index", "count", "__contains__", "__len__")


def changed(walk: Walk, targets: Iterable[Any]) -> None:
    """Note `del __all__`, `__all__[0] = ...` and `__all__, x = ...`."""
    for target in targets:
        cls = target.__class__
        if cls in (ast.Tuple, ast.List):
            hit = any(map(_is_all, target.elts))
        else:
            hit = cls is ast.Subscript and _is_all(target.value)
        if hit or (_is_all(target) and target.ctx.__class__ is ast.Del):
            _row(walk, target, None, "dynamic")


def _is_all(node: Any) -> bool:
    return node.__class__ is ast.Name and node.id == "__all__"


def _items(walk: Walk, value: Any, operation: str) -> None:
    """Read a list, a sum of lists, or another list by its name."""
    pending = [value]
    while pending:
        part = pending.pop()
        cls = part.__class__
        if cls in (ast.List, ast.Tuple, ast.Set):
            for element in part.elts:
                _item(walk, element, operation)
            if not part.elts and operation == "assign":
                _row(walk, part, "", "assign")
        elif cls is ast.BinOp and part.op.__class__ is ast.Add:
            pending.extend((part.right, part.left))
        elif cls is ast.Attribute and part.attr == "__all__":
            _row(walk, part, dotted(part.value), "from")
        elif cls is ast.Name:
            if part.id != "__all__":  # what it lists so far stays
                _row(walk, part, part.id, "list")
        elif cls is ast.Call:
            _made(walk, part, operation, pending)
        else:
            _row(walk, part, None, "dynamic")


def _made(walk: Walk, call: Any, operation: str, pending: list[Any]) -> None:
    """Read `list(...)` and the like, and `"a b c".split()`."""
    func = call.func
    plain = not call.keywords
    if plain and len(call.args) == 1 and func.__class__ is ast.Name and func.id in _COPIES:
        pending.append(call.args[0])
    elif plain and not call.args and _is_text(func):
        for name in func.value.value.split():
            _row(walk, call, name, operation)
    else:
        _row(walk, call, None, "dynamic")


def _is_text(func: Any) -> bool:
    if func.__class__ is not ast.Attribute or func.attr != "split":
        return False
    return func.value.__class__ is ast.Constant and isinstance(func.value.value, str)


def _item(walk: Walk, element: Any, operation: str) -> None:
    if element.__class__ is ast.Constant and element.value.__class__ is str:
        _row(walk, element, element.value, operation)
    elif element.__class__ is ast.Starred:
        _items(walk, element.value, operation)
    else:
        _row(walk, element, None, "dynamic")


def _row(walk: Walk, node: Any, name: str | None, operation: str) -> None:
    text = None if name is None else clean(name)
    walk.exports.append((len(walk.exports), text, operation, walk.begin(node), walk.end(node)))
