"""What a module's top-level statements say of `__all__`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract._walk import Walk, clean, dotted

if TYPE_CHECKING:
    from collections.abc import Iterable

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming


def assigned(walk: Walk, targets: Iterable[Any], value: Any) -> None:
    """Note `__all__ = [...]`, with or without an annotation."""
    if value is not None and any(_is_all(target) for target in targets):
        _items(walk, value, "assign")


def augmented(walk: Walk, target: Any, value: Any) -> None:
    """Note `__all__ += [...]`."""
    if _is_all(target):
        _items(walk, value, "add")


def called(walk: Walk, call: ast.Call) -> None:
    """Note `__all__.extend(...)`, `.append(...)` and `.remove(...)`."""
    func: Any = call.func
    if func.__class__ is not ast.Attribute or not _is_all(func.value):
        return
    if func.attr in ("append", "remove") and len(call.args) == 1:
        _item(walk, call.args[0], "add" if func.attr == "append" else "remove")
    elif func.attr in ("extend", "__iadd__") and len(call.args) == 1:
        _items(walk, call.args[0], "add")
    else:
        _row(walk, call, None, "dynamic")


def _is_all(node: Any) -> bool:
    return getattr(node, "id", "") == "__all__"


def _items(walk: Walk, value: Any, operation: str) -> None:
    """Read a list, a sum of lists, or another module's `__all__`."""
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
            operation = "add" if operation == "add" else "assign"
        elif cls is ast.Attribute and part.attr == "__all__":
            _row(walk, part, dotted(part.value), "from")
        elif cls is ast.Name:
            _row(walk, part, part.id, "list")
        elif cls is ast.Call and getattr(part.func, "id", "") in ("list", "tuple", "sorted"):
            pending.extend(part.args)
        else:
            _row(walk, part, None, "dynamic")


def _item(walk: Walk, element: Any, operation: str) -> None:
    if element.__class__ is ast.Constant and element.value.__class__ is str:
        _row(walk, element, element.value, operation)
    elif element.__class__ is ast.Starred:
        _items(walk, element.value, operation)
    else:
        _row(walk, element, None, "dynamic")


def _row(walk: Walk, node: Any, name: str | None, operation: str) -> None:
    rows = walk.rows["ast_exports"]
    text = None if name is None else clean(name)
    rows.append((len(rows), text, operation, walk.begin(node), walk.end(node)))
