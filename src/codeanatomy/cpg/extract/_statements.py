"""What the walk does at statements that are no definitions."""

from __future__ import annotations

import ast
import inspect
import sys
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract import _identifiers
from codeanatomy.cpg.extract._exports import assigned, augmented, called, changed
from codeanatomy.cpg.extract._texts import clean, dotted
from codeanatomy.cpg.extract._walk import (
    ANNOTATION,
    CONDITION,
    GUARD_SHIFT,
    GUARDS,
    TRY,
    TYPE_CHECKING_ONLY,
    Walk,
)

if TYPE_CHECKING:
    from codeanatomy.cpg.extract._walk import Item, Visitor

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming

# Python reads what follows `else` before the handlers, until 3.13.
_TRY = (
    ("body", "handlers", "orelse", "finalbody")
    if sys.version_info >= (3, 13)
    else ("body", "orelse", "handlers", "finalbody")
)


def try_(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Visit a `try`; what stands in it is guarded."""
    walk.push(node, _TRY, number, scope, _guarded(flags, TRY))


def if_(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Visit an `if`; what stands in it depends on its test."""
    checking = dotted(node.test).rpartition(".")[2] == "TYPE_CHECKING"
    body = TYPE_CHECKING_ONLY if checking else CONDITION
    walk.push(node, ("orelse",), number, scope, _guarded(flags, CONDITION))
    walk.push(node, ("body",), number, scope, _guarded(flags, body))
    walk.push(node, ("test",), number, scope, flags)


def loop(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Visit a loop, whose body may never run."""
    walk.push(node, ("body", "orelse"), number, scope, _guarded(flags, CONDITION))
    walk.push(node, ("test", "target", "iter"), number, scope, flags)


def with_(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Visit the items of a `with`, which have no position, then its body."""
    items: list[Item] = []
    inside = flags
    for at, item in enumerate(node.items):
        entered, target = item.context_expr, item.optional_vars
        items.append((entered, number, f"items[{at}].context_expr", None, scope, flags))
        if target is not None:
            items.append((target, number, f"items[{at}].optional_vars", None, scope, flags))
        if dotted(entered).endswith("suppress()"):
            inside = _guarded(flags, TRY)
    walk.push(node, ("body",), number, scope, inside)
    walk.push_all(items)


def match(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Visit a `match`: its cases have no position."""
    items: list[Item] = [(node.subject, number, "subject", None, scope, flags)]
    inside = _guarded(flags, CONDITION)
    for at, case in enumerate(node.cases):
        items.append((case.pattern, number, f"cases[{at}].pattern", None, scope, flags))
        if case.guard is not None:
            items.append((case.guard, number, f"cases[{at}].guard", None, scope, flags))
        for i, statement in enumerate(case.body):
            items.append((statement, number, f"cases[{at}].body", i, scope, inside))
    walk.push_all(items)


def handler(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Record the name that `except E as name` binds."""
    if node.name is not None:
        span = _identifiers.after_as(walk.text, walk.end(node.type))
        walk.name(number, scope, node.name, "except", span)
    walk.push(node, ("type", "body"), number, scope, flags)


def expression(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Record a docstring; note calls that change `__all__`."""
    value = node.value
    if value.__class__ is ast.Constant:
        _, parent, field, index, _ = walk.nodes[number]
        leads = index == 0 and field == "body" and parent in walk.definitions
        if leads and value.value.__class__ is str:
            walk.docstrings.append((number + 1, parent, clean(inspect.cleandoc(value.value))))
    elif scope == 0 and value.__class__ is ast.Call:
        called(walk, value)
    walk.stack.append((value, number, "value", None, scope, flags))


def assign(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Visit an assignment; note what it says of `__all__`."""
    if scope == 0:
        assigned(walk, node.targets, node.value)
    walk.push(node, ("targets", "value"), number, scope, flags)


def augment(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Visit `target += value`; note what it says of `__all__`."""
    if scope == 0:
        augmented(walk, node.target, node.op, node.value)
    walk.push(node, ("target", "value"), number, scope, flags)


def annotate(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Visit an annotated assignment; the annotation comes before the value."""
    if scope == 0:
        assigned(walk, (node.target,), node.value)
    walk.push(node, ("value",), number, scope, flags)
    walk.push(node, ("annotation",), number, scope, flags | ANNOTATION)
    walk.push(node, ("target",), number, scope, flags)


def delete(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Visit a `del`; note when it is about `__all__`."""
    if scope == 0:
        changed(walk, node.targets)
    walk.push(node, ("targets",), number, scope, flags)


def imported(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Record every name of an import statement."""
    guard = GUARDS[flags >> GUARD_SHIFT]
    if guard == "none" and walk.scopes[scope].kind not in ("module", "class"):
        guard = "function"
    for at, alias in enumerate(node.names):
        child = walk.add(alias, number, "names", at, scope)
        star = alias.name == "*"
        start, end = walk.begin(alias), walk.end(alias)
        binds = alias.asname or alias.name
        if node.__class__ is ast.Import:
            binds = alias.asname or alias.name.partition(".")[0]
            said: tuple[Any, ...] = ("import", alias.name, None, alias.asname)
            level = 0
        else:
            said = ("from", node.module or "", None if star else alias.name, alias.asname)
            level = node.level or 0
        bound = None if star else _identifiers.mangle(binds, walk.scopes[scope].private)
        walk.imports.append((child, number, scope, *said, bound, level, star, guard))
        if star:
            span = (start, end)
        elif alias.asname:
            span = _identifiers.ending_at(walk.text, end, binds)
        else:
            span = _identifiers.starting_at(walk.text, start, binds)
        walk.name(child, scope, binds, "star" if star else "import", span)


def declared(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Record the names of a `global` or `nonlocal` statement."""
    del flags
    role = "global" if node.__class__ is ast.Global else "nonlocal"
    spans = _identifiers.listed(walk.text, walk.begin(node))
    for text, span in zip(node.names, spans, strict=True):
        walk.name(number, scope, text, role, span)


def _guarded(flags: int, guard: int) -> int:
    """Replace the guard; what only a type checker reads stays so."""
    if flags & ~ANNOTATION == TYPE_CHECKING_ONLY:
        return flags
    return flags & ANNOTATION | guard


STATEMENTS: dict[type, Visitor] = {
    ast.Try: try_, ast.TryStar: try_, ast.If: if_, ast.For: loop, ast.AsyncFor: loop,
    ast.While: loop, ast.With: with_, ast.AsyncWith: with_, ast.Match: match,
    ast.ExceptHandler: handler, ast.Expr: expression, ast.Assign: assign,
    ast.AugAssign: augment, ast.AnnAssign: annotate, ast.Delete: delete, ast.Import: imported,
    ast.ImportFrom: imported, ast.Global: declared, ast.Nonlocal: declared,
}  # fmt: skip
