"""What the walk does at expressions, patterns and small statements."""

from __future__ import annotations

import ast
from typing import Any

from codeanatomy.cpg.extract import _identifiers
from codeanatomy.cpg.extract._walk import (
    ANNOTATION,
    GUARD_SHIFT,
    GUARDS,
    Open,
    Scope,
    Walk,
    clean,
    dotted,
    generic,
    push_fields,
    shorten,
)

# ruff: noqa: ANN401, ARG001 - every visitor has one signature: walk, node and its place


_ROLES = {ast.Load: "load", ast.Store: "store", ast.Del: "delete"}


def name(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record an occurrence of an identifier."""
    text = node.id
    role = _ROLES[node.ctx.__class__]
    walk.names[number] = text
    walk.values[number] = role
    private = walk.scopes[scope].private
    mangled = _identifiers.mangle(text, private) if private else text
    walk.occurrences.append(
        (number, scope, mangled, text, role, False, bool(flags & ANNOTATION), -1, -1)
    )


def attribute(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record an attribute access with the place of its identifier."""
    attr = node.attr
    role = _ROLES[node.ctx.__class__]
    walk.names[number] = attr
    walk.values[number] = role
    value = node.value
    here = walk.scopes[scope]
    end = walk.starts[node.end_lineno - 1] + node.end_col_offset
    start, end = _identifiers.ending_at(walk.text, end, attr)
    cls = self_class(walk, scope, value.id) if value.__class__ is ast.Name else None
    base = dotted(value)
    walk.rows["ast_attributes"].append(
        (number, number + 1, scope, None if "?" in base else base,
         _identifiers.mangle(attr, here.private), role, here.owner, cls, start, end)
    )  # fmt: skip
    walk.stack.append((value, number, "value", -1, scope, flags))


def self_class(walk: Walk, scope: int, text: str) -> int | None:
    """Return the class whose method has `text` as first parameter, seen from `scope`."""
    while scope >= 0:
        here = walk.scopes[scope]
        if text in here.parameters:
            return here.cls if here.cls >= 0 and here.first == text else None
        if here.kind == "class":
            return None
        scope = here.parent
    return None


def constant(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record a literal's value, as Python writes it."""
    value = node.value
    if value.__class__ is int:
        text = str(value) if value.bit_length() < 512 else hex(value)  # noqa: PLR2004 - str() of a long one is slow and may refuse
    elif value.__class__ in (str, bytes):
        text = repr(value[:80])
    else:
        text = repr(value)
    walk.values[number] = clean(shorten(text, 80))


def call(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record a call site: the shape of its callee, its receiver and last identifier."""
    func = node.func
    cls = func.__class__
    receiver = last = span = None
    if cls is ast.Name:
        shape, last = "name", func.id
        start = walk.begin(func)
        span = (start, walk.end(func))
    elif cls is ast.Attribute:
        shape, last, receiver = "attribute", func.attr, number + 2
        span = _identifiers.ending_at(walk.text, walk.end(func), last)
    else:
        shape = _SHAPES.get(cls, "other")
    walk.rows["ast_calls"].append(
        (number, scope, walk.scopes[scope].owner, number + 1, receiver, shape, dotted(func), last,
         *(span or (None, None)))
    )  # fmt: skip
    push_fields(walk, node, ("func", "args", "keywords"), number, scope, flags)


_SHAPES = {ast.Call: "call", ast.Subscript: "subscript", ast.Lambda: "lambda"}


def operator(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record an operator, which has no position of its own, as its expression's value."""
    walk.values[number] = node.op.__class__.__name__
    generic(walk, node, number, field, index, scope, flags)


def compare(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record the operators of a comparison, joined by commas."""
    walk.values[number] = shorten(",".join(o.__class__.__name__ for o in node.ops))
    generic(walk, node, number, field, index, scope, flags)


def formatted(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record the conversion of a replacement field."""
    walk.values[number] = chr(node.conversion) if node.conversion > 0 else None
    generic(walk, node, number, field, index, scope, flags)


def named(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Visit the value of a walrus before its target, as Python does."""
    push_fields(walk, node, ("value", "target"), number, scope, flags)


def keyword(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record the name of a keyword argument."""
    walk.names[number] = node.arg
    generic(walk, node, number, field, index, scope, flags)


def comprehension(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Visit the first iterable outside, and the rest in a scope of its own."""
    inner = flags

    def inside(walk: Walk, opened: int) -> None:
        outer = walk.scopes[scope]
        walk.enter(Scope("comprehension", scope, outer.private, outer.owner, "", -1, frozenset()))
        items: list[Any] = []
        for at, generator in enumerate(node.generators):
            way = f"generators[{at}]"
            items.append((generator.target, number, f"{way}.target", -1, opened, inner))
            if at:
                items.append((generator.iter, number, f"{way}.iter", -1, opened, inner))
            items.extend(
                (test, number, f"{way}.ifs", i, opened, inner)
                for i, test in enumerate(generator.ifs)
            )
        items.extend(
            (getattr(node, part), number, part, -1, opened, inner)
            for part in ("value", "key", "elt")
            if hasattr(node, part)
        )
        walk.stack.extend(reversed(items))

    opening = Open("comprehension", _COMPREHENSIONS[node.__class__], node.lineno, number, inside)
    walk.stack.append((opening, number, "", -1, scope, flags))
    first = node.generators[0].iter
    walk.stack.append((first, number, "generators[0].iter", -1, scope, flags))


_COMPREHENSIONS = {
    ast.ListComp: "listcomp", ast.SetComp: "setcomp", ast.DictComp: "dictcomp",
    ast.GeneratorExp: "genexpr",
}  # fmt: skip


def capture(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record the name that a pattern binds: `x`, `p as x`, `*x`."""
    if node.name is not None:
        walk.names[number] = node.name
        span = _identifiers.ending_at(walk.text, walk.end(node), node.name)
        walk.name(number, scope, node.name, "pattern", flags, span)
    generic(walk, node, number, field, index, scope, flags)


def mapping(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record the name that takes the rest of a mapping pattern."""
    if node.rest is not None:
        walk.names[number] = node.rest
        start = walk.end(node.patterns[-1]) if node.patterns else walk.begin(node) + 1
        end = walk.end(node)
        span = _identifiers.rest(walk.text, start, end)
        walk.name(number, scope, node.rest, "pattern", flags, span or (start, start))
    generic(walk, node, number, field, index, scope, flags)


def imported(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record every name of an import statement."""
    plain = node.__class__ is ast.Import
    here = walk.scopes[scope]
    guard = GUARDS[flags >> GUARD_SHIFT]
    if guard == "none" and walk.scopes[scope].kind not in ("module", "class"):
        guard = "function"
    if not plain:
        walk.names[number] = node.module
        walk.values[number] = "." * (node.level or 0) or None
    for at, alias in enumerate(node.names):
        child = len(walk.nodes)
        walk.nodes.append(
            (number, "names", at, scope, alias.lineno, alias.col_offset, alias.end_lineno,
             alias.end_col_offset, 0)
        )  # fmt: skip
        walk.kinds.append("alias")
        walk.names.append(alias.name)
        walk.values.append(alias.asname)
        star = alias.name == "*"
        binds = alias.asname or (alias.name.split(".")[0] if plain else alias.name)
        module, taken = (alias.name, None) if plain else (node.module or "", alias.name)
        walk.rows["ast_imports"].append(
            (child, number, scope, "import" if plain else "from", module,
             None if star else taken, alias.asname,
             None if star else _identifiers.mangle(binds, here.private),
             0 if plain else node.level or 0, star, guard)
        )  # fmt: skip
        if star:
            start = walk.begin(alias)
            walk.name(child, scope, "*", "star", flags, (start, start + 1))
        else:
            end = walk.end(alias)
            span = (
                _identifiers.ending_at(walk.text, end, binds)
                if alias.asname
                else _identifiers.starting_at(walk.text, walk.begin(alias), binds)
            )
            walk.name(child, scope, binds, "import", flags, span)


def declared(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record the names of a `global` or `nonlocal` statement."""
    role = "global" if node.__class__ is ast.Global else "nonlocal"
    start = walk.begin(node)
    spans = _identifiers.listed(walk.text, start)
    walk.values[number] = shorten(",".join(node.names))
    for at, text in enumerate(node.names):
        span = spans[at] if at < len(spans) else (start, start)
        walk.name(number, scope, text, role, flags, span)


def handler(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record the name that `except E as name` binds."""
    if node.name is not None:
        walk.names[number] = node.name
        span = _identifiers.after_as(walk.text, walk.end(node.type))
        start = walk.begin(node)
        walk.name(number, scope, node.name, "except", flags, span or (start, start))
    generic(walk, node, number, field, index, scope, flags)


EXPRESSIONS: dict[type, Any] = {
    ast.Name: name, ast.Attribute: attribute, ast.Constant: constant, ast.Call: call,
    ast.BinOp: operator, ast.UnaryOp: operator, ast.BoolOp: operator, ast.AugAssign: operator,
    ast.Compare: compare, ast.FormattedValue: formatted,
    ast.NamedExpr: named, ast.keyword: keyword, ast.ListComp: comprehension,
    ast.SetComp: comprehension, ast.DictComp: comprehension, ast.GeneratorExp: comprehension,
    ast.MatchAs: capture, ast.MatchStar: capture, ast.MatchMapping: mapping,
    ast.Import: imported, ast.ImportFrom: imported, ast.Global: declared,
    ast.Nonlocal: declared, ast.ExceptHandler: handler,
}  # fmt: skip
