"""What the walk does at expressions and patterns."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract import _identifiers
from codeanatomy.cpg.extract._labels import ROLES
from codeanatomy.cpg.extract._texts import dotted
from codeanatomy.cpg.extract._walk import ANNOTATION, Open, Scope, Walk

if TYPE_CHECKING:
    from codeanatomy.cpg.extract._walk import Item, Visitor

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming


def name(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Record an occurrence of an identifier; its span is the node's own."""
    text = mangled = node.id
    private = walk.scopes[scope].private
    if private:
        mangled = _identifiers.mangle(text, private)
    role = ROLES[node.ctx.__class__]
    annotation = flags & ANNOTATION != 0
    walk.occurrences.append((number, scope, mangled, text, role, False, annotation, -1, -1))


def attribute(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Record an attribute access with the place of its identifier."""
    value = node.value
    attr = node.attr
    here = walk.scopes[scope]
    base = dotted(value)
    cls = _self_class(walk, scope, base) if value.__class__ is ast.Name else None
    walk.attributes.append(
        (number, number + 1, scope, None if "?" in base else base,
         _identifiers.mangle(attr, here.private), ROLES[node.ctx.__class__], here.owner, cls,
         *walk.ending(node, attr))
    )  # fmt: skip
    walk.stack.append((value, number, "value", None, scope, flags))


def _self_class(walk: Walk, scope: int, text: str) -> int | None:
    """Return the class whose method has `text` as first parameter, seen from `scope`."""
    while scope >= 0:
        here = walk.scopes[scope]
        if text in here.parameters:
            return here.cls if here.cls >= 0 and here.first == text else None
        if here.kind == "class":
            return None
        scope = here.parent
    return None


def call(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Record a call site: the shape of its callee, its receiver and last identifier."""
    func = node.func
    cls = func.__class__
    receiver = last = start = end = None
    if cls is ast.Name:
        last = func.id
        start, end = walk.begin(func), walk.end(func)
    elif cls is ast.Attribute:
        last, receiver = func.attr, number + 2
        start, end = walk.ending(func, last)
    walk.calls.append(
        (number, scope, walk.scopes[scope].owner, number + 1, receiver, _SHAPES.get(cls, "other"),
         dotted(func), last, start, end)
    )  # fmt: skip
    walk.push(node, _CALL, number, scope, flags)


_CALL = ("func", "args", "keywords")
_SHAPES: dict[type, str] = {
    ast.Name: "name", ast.Attribute: "attribute", ast.Call: "call", ast.Subscript: "subscript",
    ast.Lambda: "lambda",
}  # fmt: skip


def named(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Visit the value of a walrus before its target, as Python does."""
    walk.push(node, ("value", "target"), number, scope, flags)


def comprehension(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Visit the first iterable outside, and the rest in a scope of its own."""

    def enter(opened: int) -> None:
        outer = walk.scopes[scope]
        walk.scopes.append(Scope(scope, "comprehension", outer.private, outer.owner))
        items: list[Item] = []
        for at, generator in enumerate(node.generators):
            way = f"generators[{at}]"
            items.append((generator.target, number, f"{way}.target", None, opened, flags))
            if at:
                items.append((generator.iter, number, f"{way}.iter", None, opened, flags))
            for i, test in enumerate(generator.ifs):
                items.append((test, number, f"{way}.ifs", i, opened, flags))
        walk.push(node, ("value", "key", "elt"), number, opened, flags)
        walk.push_all(items)

    title = _COMPREHENSIONS[node.__class__]
    opening = Open("comprehension", title, node.lineno, number, enter)
    first = node.generators[0].iter
    walk.stack.append((opening, None, "", None, scope, flags))
    walk.stack.append((first, number, "generators[0].iter", None, scope, flags))


_COMPREHENSIONS: dict[type, str] = {
    ast.ListComp: "listcomp", ast.SetComp: "setcomp", ast.DictComp: "dictcomp",
    ast.GeneratorExp: "genexpr",
}  # fmt: skip


def capture(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Record the name that a pattern binds: `x`, `p as x`, `*x`."""
    if node.name is not None:
        walk.name(number, scope, node.name, "pattern", walk.ending(node, node.name))
    if node.__class__ is ast.MatchAs:
        walk.push(node, ("pattern",), number, scope, flags)


def mapping(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Record the name that takes the rest of a mapping pattern."""
    if node.rest is not None:
        start = walk.end(node.patterns[-1]) if node.patterns else walk.begin(node) + 1
        span = _identifiers.rest(walk.text, start, walk.end(node))
        walk.name(number, scope, node.rest, "pattern", span)
    walk.push(node, ("keys", "patterns"), number, scope, flags)


def yield_(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Mark the definition around a `yield` as a generator."""
    walk.definitions[walk.scopes[scope].owner].is_generator = True
    walk.push(node, ("value",), number, scope, flags)


EXPRESSIONS: dict[type, Visitor] = {
    ast.Name: name, ast.Attribute: attribute, ast.Call: call, ast.NamedExpr: named,
    ast.ListComp: comprehension, ast.SetComp: comprehension, ast.DictComp: comprehension,
    ast.GeneratorExp: comprehension, ast.MatchAs: capture, ast.MatchStar: capture,
    ast.MatchMapping: mapping, ast.Yield: yield_, ast.YieldFrom: yield_,
}  # fmt: skip
