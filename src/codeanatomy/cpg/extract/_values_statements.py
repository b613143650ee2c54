"""Simple statements as steps; those that branch are in `_values_branches`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract._values_annotations import may_run, text_of
from codeanatomy.cpg.extract._values_expressions import OPERATORS
from codeanatomy.cpg.extract._values_outcomes import assume, outcome
from codeanatomy.cpg.extract._values_targets import assign_all, delete, store, store_item

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.cpg.extract._values_frame import Frame

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming


def expression(frame: Frame, node: Any) -> None:
    """Evaluate an expression for what it does."""
    if node.value.__class__ is not ast.Constant:
        frame.value(node.value)


def assigned(frame: Frame, node: Any) -> None:
    """Assign to one target or several."""
    assign_all(frame, node.targets, node.value)


def annotated(frame: Frame, node: Any) -> None:
    """Assign with an annotation, which a target keeps even if no value is given."""
    target, text = node.target, text_of(node.annotation)
    if may_run(node.annotation):
        frame.value(node.annotation)
    slot = None if node.value is None else frame.value(node.value)
    if target.__class__ is ast.Name:
        name = frame.mangle(target.id)
        dst = frame.new()
        frame.add("annotate", dst, None, int(slot is None), text, (), (name,), target)
        if slot is None and frame.vars.get(name) is not None:
            slot = frame.read(name)
        if slot is not None:
            frame.add("copy", dst, slot)
        frame.bind(name, dst)
        return
    base = frame.value(target.value)
    key = frame.value(target.slice) if target.__class__ is ast.Subscript else -1
    if target.__class__ is ast.Attribute:
        name = frame.mangle(target.attr)
        frame.add("annotate_attr", None, base, None, name, (), (text,), target)
        if slot is not None:
            store(frame, target, base, slot)
    elif slot is not None:
        store_item(frame, target, base, key, slot)


def augmented(frame: Frame, node: Any) -> None:
    """Apply `target op= value`; what stands in the target is evaluated once."""
    target = node.target
    name = f"__i{OPERATORS[node.op.__class__]}__"
    if target.__class__ is ast.Name:
        held = frame.read(frame.mangle(target.id))
        slot = frame.make("binary", held, frame.value(node.value), name, node=node)
        frame.bind(frame.mangle(target.id), slot)
        return
    base = frame.value(target.value)
    if target.__class__ is ast.Attribute:
        held = frame.make("attr", base, None, frame.mangle(target.attr), node=target)
        slot = frame.make("binary", held, frame.value(node.value), name, node=node)
        store(frame, target, base, slot)
        return
    key = frame.value(target.slice)
    held = frame.make("item", base, key, node=target)
    slot = frame.make("binary", held, frame.value(node.value), name, node=node)
    store_item(frame, target, base, key, slot)


def returned(frame: Frame, node: Any) -> None:
    """Return; what follows is not reached."""
    value = node.value
    frame.add("return", src=frame.none() if value is None else frame.value(value),
              node=node)  # fmt: skip
    frame.dead = True


def raised(frame: Frame, node: Any) -> None:
    """Raise; what follows is not reached."""
    src = None if node.exc is None else frame.value(node.exc)
    cause = None if node.cause is None else frame.value(node.cause)
    frame.add("raise", None, src, cause, None, (), (), node)
    frame.dead = True


def asserted(frame: Frame, node: Any) -> None:
    """Assert; what follows knows that the test holds."""
    found = outcome(frame, node.test)
    if node.msg is not None:
        mark = frame.mark()
        assume(frame, found.no)
        frame.value(node.msg)
        frame.undo(mark)
        frame.disturb()
    assume(frame, found.yes)


def imported(frame: Frame, node: Any) -> None:
    """Import modules; `import a.b` binds the package `a`."""
    for alias in node.names:
        names = () if alias.asname else ("",) if "." in alias.name else ()
        slot = frame.make("import", None, 0, alias.name, (), names, alias)
        frame.imported.add(slot)
        frame.bind(frame.mangle(alias.asname or alias.name.partition(".")[0]), slot)
    frame.disturb()


def imported_from(frame: Frame, node: Any) -> None:
    """Import names from a module."""
    module, level = node.module or "", node.level or 0
    for alias in node.names:
        if alias.name == "*":
            frame.add("import_star", None, None, level, module, (), (), alias)
        else:
            slot = frame.make("import", None, level, module, (), (alias.name,), alias)
            frame.imported.add(slot)
            frame.bind(frame.mangle(alias.asname or alias.name), slot)
    frame.disturb()


def nothing(frame: Frame, node: Any) -> None:
    """Say nothing: `pass`, `global` and `nonlocal` move no value."""
    del frame, node


def left(frame: Frame, node: Any) -> None:
    """Leave a loop, or start its next turn."""
    loop = frame.loops[-1]
    changes = frame.delta(loop.mark)
    (loop.breaks if node.__class__ is ast.Break else loop.continues).append(changes)
    frame.dead = True


STATEMENTS: dict[type, Callable[[Frame, Any], None]] = {
    ast.Expr: expression, ast.Assign: assigned, ast.AnnAssign: annotated,
    ast.AugAssign: augmented, ast.Return: returned, ast.Raise: raised, ast.Assert: asserted,
    ast.Import: imported, ast.ImportFrom: imported_from, ast.Pass: nothing, ast.Global: nothing,
    ast.Nonlocal: nothing, ast.Break: left, ast.Continue: left, ast.Delete: delete,
}  # fmt: skip
