"""What the walk does at definitions and at statements that guard others."""

from __future__ import annotations

import ast
import inspect
import sys
from itertools import chain
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract import _identifiers
from codeanatomy.cpg.extract._exports import assigned, augmented, called
from codeanatomy.cpg.extract._walk import (
    ANNOTATION,
    CONDITION,
    TRY,
    TYPE_CHECKING_ONLY,
    Open,
    Scope,
    Walk,
    clean,
    generic,
    push_fields,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# ruff: noqa: ANN401, ARG001 - every visitor has one signature: walk, node and its place

DECORATORS_FIRST = sys.version_info >= (3, 12)
TRY_FIELDS = (
    ("body", "handlers", "orelse", "finalbody")
    if sys.version_info >= (3, 13)
    else ("body", "orelse", "handlers", "finalbody")
)
KIND, NAME, PARENT, SCOPE, OWNER, ASYNC, GENERATOR, START, END = range(9)


def module(walk: Walk, tree: ast.Module, lines: int) -> None:
    """Open the module's scope and queue its body."""
    last = len(walk.text) - walk.starts[-1]
    walk.nodes.append((None, "", -1, 0, 1, 0, lines, last, 0))
    walk.kinds.append("Module")
    walk.names.append(None)
    walk.values.append(None)
    walk.definitions[0] = ["module", "", None, 0, 0, False, False, None, None, 0, 0]

    def inside(walk: Walk, opened: int) -> None:
        walk.enter(Scope("module", -1, "", 0, "", -1, frozenset()))
        push_fields(walk, tree, ("body",), 0, opened, 0)

    walk.stack.append((Open("module", "top", 0, 0, inside), 0, "", -1, 0, 0))


def function(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record a function: what is evaluated outside it first, then its own scope."""
    span = _identifiers.definition(walk.text, walk.begin(node))
    walk.names[number] = node.name
    walk.name(number, scope, node.name, "function", flags, span)
    _define(walk, number, "function", node.name, scope, span, node.__class__)
    arguments = list(_parameters(walk, number, node.args, scope))

    def inside(walk: Walk, opened: int) -> None:
        outer = walk.scopes[opened_in[0]]
        _enter_function(walk, node, number, opened_in[0], opened, arguments, outer)
        push_fields(walk, node, ("body",), number, opened, 0)

    opened_in = [scope]
    opening = Open("function", node.name, node.lineno, number, inside)
    annotated = list(_annotations(node, number, arguments, scope, flags))
    defaults = list(_defaults(node.args, number, scope, flags))
    decorators = list(_listed(node, "decorator_list", number, scope, flags))
    if getattr(node, "type_params", None):

        def generics(walk: Walk, typed: int) -> None:
            opened_in[0] = typed
            items = [(*item[:4], typed, item[5]) for item in annotated]
            body = (opening, number, "", -1, typed, 0)
            walk.stack.extend(
                reversed([*_type_parameters(walk, node, number, scope, typed), *items, body])
            )

        head = Open("type_parameters", node.name, node.lineno, number, generics)
        tail: list[Any] = [(head, number, "", -1, scope, flags)]
    else:
        tail = [*annotated, (opening, number, "", -1, scope, 0)]
    if DECORATORS_FIRST or not decorators:
        items = [*defaults, *decorators, *tail]
    else:
        items = [*defaults, *tail[:-1], *decorators, tail[-1]]
    walk.stack.extend(reversed(items))


def lambda_(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record a lambda; its name is given when all lambdas around it are known."""
    _define(walk, number, "lambda", "<lambda>", scope, None, node.__class__)
    arguments = list(_parameters(walk, number, node.args, scope))

    def inside(walk: Walk, opened: int) -> None:
        outer = walk.scopes[scope]
        _enter_function(walk, node, number, scope, opened, arguments, outer)
        walk.stack.append((node.body, number, "body", -1, opened, flags))

    walk.stack.append(
        (Open("lambda", "lambda", node.lineno, number, inside), number, "", -1, scope, flags)
    )
    walk.stack.extend(reversed(list(_defaults(node.args, number, scope, flags))))


def class_(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record a class: bases, keywords and decorators outside it, then its own scope."""
    span = _identifiers.definition(walk.text, walk.begin(node))
    walk.names[number] = node.name
    walk.name(number, scope, node.name, "class", flags, span)
    _define(walk, number, "class", node.name, scope, span, node.__class__)
    parent = [scope]

    def inside(walk: Walk, opened: int) -> None:
        walk.definitions[number][SCOPE] = opened
        walk.enter(Scope("class", parent[0], node.name, number, "", -1, frozenset()))
        push_fields(walk, node, ("body",), number, opened, flags)

    opening = Open("class", node.name, node.lineno, number, inside)
    decorators = list(_listed(node, "decorator_list", number, scope, flags))

    def bases(within: int) -> list[Any]:
        return [
            *_listed(node, "bases", number, within, flags),
            *_listed(node, "keywords", number, within, flags),
        ]

    if getattr(node, "type_params", None):

        def generics(walk: Walk, typed: int) -> None:
            parent[0] = typed
            body = (opening, number, "", -1, typed, flags)
            parameters = _type_parameters(walk, node, number, scope, typed, private=node.name)
            walk.stack.extend(reversed([*parameters, *bases(typed), body]))

        head = Open("type_parameters", node.name, node.lineno, number, generics)
        tail: list[Any] = [(head, number, "", -1, scope, flags)]
    else:
        tail = [*bases(scope), (opening, number, "", -1, scope, flags)]
    items = (
        [*decorators, *tail] if DECORATORS_FIRST else [*tail[:-1], *decorators, tail[-1]]
    )
    walk.stack.extend(reversed(items))


def type_alias(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record a `type` statement: its value has a scope of its own, inside its parameters'."""
    walk.names[number] = node.name.id

    def value(within: int) -> Any:
        def inside(walk: Walk, opened: int) -> None:
            outer = walk.scopes[within]
            walk.enter(
                Scope("type_alias", within, outer.private, outer.owner, "", -1, frozenset())
            )
            walk.stack.append((node.value, number, "value", -1, opened, flags))

        return Open("type_alias", node.name.id, node.lineno, number, inside)

    def generics(walk: Walk, typed: int) -> None:
        parameters = _type_parameters(walk, node, number, scope, typed)
        body = (value(typed), number, "", -1, typed, flags)
        walk.stack.extend(reversed([*parameters, body]))

    if node.type_params:
        opening = Open("type_parameters", node.name.id, node.lineno, number, generics)
    else:
        opening = value(scope)
    walk.stack.append((opening, number, "", -1, scope, flags))
    walk.stack.append((node.name, number, "name", -1, scope, flags))


def type_parameter(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record a type parameter; its bound and default are evaluated later, in their own scopes."""
    walk.names[number] = node.name
    span = _identifiers.after_stars(walk.text, walk.begin(node))
    walk.name(number, scope, node.name, "type_parameter", flags, span)
    items: list[Any] = []
    for part in ("bound", "default_value"):
        value = getattr(node, part, None)
        if value is None:
            continue

        def inside(walk: Walk, opened: int, value: Any = value, part: str = part) -> None:
            outer = walk.scopes[scope]
            walk.enter(
                Scope("type_variable", scope, outer.private, outer.owner, "", -1, frozenset())
            )
            walk.stack.append((value, number, part, -1, opened, flags))

        opening = Open("type_variable", node.name, node.lineno, number, inside)
        items.append((opening, number, "", -1, scope, flags))
    walk.stack.extend(reversed(items))


def try_(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Visit a `try` in the symbol table's order; what stands in it is guarded."""
    push_fields(walk, node, TRY_FIELDS, number, scope, flags & ANNOTATION | TRY)


def if_(walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int) -> None:
    """Visit an `if`; what stands in it depends on its test."""
    test = node.test
    last = getattr(test, "attr", None) or getattr(test, "id", None)
    guard = TYPE_CHECKING_ONLY if last == "TYPE_CHECKING" else CONDITION
    push_fields(walk, node, ("orelse",), number, scope, flags & ANNOTATION | CONDITION)
    push_fields(walk, node, ("body",), number, scope, flags & ANNOTATION | guard)
    push_fields(walk, node, ("test",), number, scope, flags)


def with_(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Visit the items of a `with`, which have no position of their own, then its body."""
    items: list[Any] = []
    for at, item in enumerate(node.items):
        way = f"items[{at}]"
        items.append((item.context_expr, number, f"{way}.context_expr", -1, scope, flags))
        if item.optional_vars is not None:
            items.append((item.optional_vars, number, f"{way}.optional_vars", -1, scope, flags))
    push_fields(walk, node, ("body",), number, scope, flags)
    walk.stack.extend(reversed(items))


def match(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Visit a `match`: its cases have no position of their own."""
    items: list[Any] = [(node.subject, number, "subject", -1, scope, flags)]
    for at, case in enumerate(node.cases):
        way = f"cases[{at}]"
        items.append((case.pattern, number, f"{way}.pattern", -1, scope, flags))
        if case.guard is not None:
            items.append((case.guard, number, f"{way}.guard", -1, scope, flags))
        items.extend(
            (statement, number, f"{way}.body", i, scope, flags)
            for i, statement in enumerate(case.body)
        )
    walk.stack.extend(reversed(items))


def expression(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Record a docstring; note calls that change `__all__`."""
    value = node.value
    if value.__class__ is ast.Constant:
        parent = walk.nodes[number][0]
        if index == 0 and field == "body" and parent in walk.definitions:
            text = value.value
            if text.__class__ is str:
                walk.rows["ast_docstrings"].append(
                    (number + 1, parent, clean(inspect.cleandoc(text)))
                )
    elif scope == 0 and value.__class__ is ast.Call:
        called(walk, value)
    walk.stack.append((value, number, "value", -1, scope, flags))


def assign(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Visit an assignment; note what it says of `__all__`."""
    if scope == 0:
        targets = node.targets if node.__class__ is ast.Assign else [node.target]
        if node.__class__ is ast.AugAssign:
            walk.values[number] = node.op.__class__.__name__
            augmented(walk, targets[0], node.value)
        else:
            assigned(walk, targets, node.value)
    elif node.__class__ is ast.AugAssign:
        walk.values[number] = node.op.__class__.__name__
    if node.__class__ is ast.AnnAssign:
        push_fields(walk, node, ("value",), number, scope, flags)
        walk.stack.append((node.annotation, number, "annotation", -1, scope, flags | ANNOTATION))
        walk.stack.append((node.target, number, "target", -1, scope, flags))
    else:
        generic(walk, node, number, field, index, scope, flags)


def yield_(
    walk: Walk, node: Any, number: int, field: str, index: int, scope: int, flags: int
) -> None:
    """Mark the definition around a `yield` as a generator."""
    walk.definitions[walk.scopes[scope].owner][GENERATOR] = True
    generic(walk, node, number, field, index, scope, flags)


def _define(
    walk: Walk,
    number: int,
    kind: str,
    name: str,
    owner: int,
    span: tuple[int, int] | None,
    cls: type,
) -> None:
    parent = walk.scopes[owner].owner
    start, end = span or (None, None)
    walk.definitions[number] = [
        kind, name, parent, -1, owner, cls is ast.AsyncFunctionDef, False, start, end, 0, 0,
    ]  # fmt: skip


def _parameters(walk: Walk, number: int, args: ast.arguments, scope: int) -> Iterator[int]:
    """Number the parameters now; their scope is filled in when it opens."""
    rows = walk.rows["ast_params"]
    definition = walk.definitions[number]
    positional = len(args.posonlyargs) + len(args.args)
    definition[-2] = len(rows) + positional - len(args.defaults)
    definition[-1] = len(rows) + positional + (args.vararg is not None)
    groups = (
        ("posonlyargs", "positional_only", args.posonlyargs),
        ("args", "positional", args.args),
        ("vararg", "var_positional", [args.vararg] if args.vararg else []),
        ("kwonlyargs", "keyword_only", args.kwonlyargs),
        ("kwarg", "var_keyword", [args.kwarg] if args.kwarg else []),
    )
    position = 0
    for field, kind, group in groups:
        for at, arg in enumerate(group):
            child = len(walk.nodes)
            index = at if field.endswith("s") else -1
            walk.nodes.append(
                (number, f"args.{field}", index, scope, arg.lineno, arg.col_offset,
                 arg.end_lineno, arg.end_col_offset, 0)
            )  # fmt: skip
            walk.kinds.append("arg")
            walk.names.append(arg.arg)
            walk.values.append(None)
            walk.parameter_row[child] = len(rows)
            rows.append([child, number, -1, arg.arg, kind, None, None, position])
            position += 1
            yield child


def _enter_function(
    walk: Walk,
    node: Any,
    number: int,
    parent: int,
    opened: int,
    arguments: list[int],
    outer: Scope,
) -> None:
    """Open a function's scope: bind its parameters and place them in it."""
    args = node.args
    first = next((a.arg for a in chain(args.posonlyargs, args.args)), "")
    cls = outer.owner if outer.kind == "class" else -1
    if outer.kind == "type_parameters" and walk.scopes[outer.parent].kind == "class":
        cls = walk.scopes[outer.parent].owner
    if _is_static(node) or not first:
        cls = -1
    walk.definitions[number][SCOPE] = opened
    names = frozenset(n for n in (walk.names[a] for a in arguments) if n)
    walk.enter(Scope(walk.definitions[number][KIND], parent, outer.private, number, first, cls, names))
    rows = walk.rows["ast_params"]
    for argument in arguments:
        place = walk.nodes[argument]
        walk.nodes[argument] = (*place[:3], opened, *place[4:])
        rows[walk.parameter_row[argument]][2] = opened
        start = walk.offset(place[4], place[5])
        text = walk.names[argument] or ""
        span = _identifiers.starting_at(walk.text, start, text)
        walk.name(argument, opened, text, "parameter", 0, span)


def _is_static(node: Any) -> bool:
    return any(getattr(d, "id", "") == "staticmethod" for d in getattr(node, "decorator_list", ()))


def _annotations(
    node: Any, number: int, arguments: list[int], scope: int, flags: int
) -> Iterator[Any]:
    """Yield annotations in the symbol table's order: positional, starred, keyword-only, return."""
    args = node.args
    listed = [*args.posonlyargs, *args.args]
    in_order = [*listed, args.vararg, *args.kwonlyargs, args.kwarg]
    present = [a for a in in_order if a is not None]
    number_of = {id(a): n for a, n in zip(present, arguments, strict=True)}
    for arg in (*listed, args.vararg, args.kwarg, *args.kwonlyargs):
        if arg is not None and arg.annotation is not None:
            place = (number_of[id(arg)], "annotation", -1, scope, flags | ANNOTATION)
            yield (arg.annotation, *place)
    if node.returns is not None:
        yield (node.returns, number, "returns", -1, scope, flags | ANNOTATION)


def _defaults(args: ast.arguments, number: int, scope: int, flags: int) -> Iterator[Any]:
    for field in ("defaults", "kw_defaults"):
        for at, value in enumerate(getattr(args, field)):
            if value is not None:
                yield (value, number, f"args.{field}", at, scope, flags)


def _listed(node: Any, field: str, number: int, scope: int, flags: int) -> Iterator[Any]:
    for at, child in enumerate(getattr(node, field)):
        yield (child, number, field, at, scope, flags)


def _type_parameters(
    walk: Walk, node: Any, number: int, parent: int, typed: int, private: str | None = None
) -> Iterator[Any]:
    outer = walk.scopes[parent]
    mangles = outer.private if private is None else private
    walk.enter(Scope("type_parameters", parent, mangles, outer.owner, "", -1, frozenset()))
    return _listed(node, "type_params", number, typed, 0)


DEFINITIONS: dict[type, Any] = {
    ast.FunctionDef: function, ast.AsyncFunctionDef: function, ast.Lambda: lambda_,
    ast.ClassDef: class_, ast.Try: try_, ast.If: if_, ast.With: with_, ast.AsyncWith: with_,
    ast.Match: match, ast.Expr: expression, ast.Assign: assign, ast.AugAssign: assign,
    ast.AnnAssign: assign, ast.Yield: yield_, ast.YieldFrom: yield_, ast.TryStar: try_,
}  # fmt: skip
if sys.version_info >= (3, 12):
    DEFINITIONS |= {
        ast.TypeAlias: type_alias, ast.TypeVar: type_parameter, ast.ParamSpec: type_parameter,
        ast.TypeVarTuple: type_parameter,
    }  # fmt: skip
