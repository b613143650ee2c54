"""What the walk does at definitions: modules, functions, lambdas, classes, type parameters."""

from __future__ import annotations

import ast
import sys
from itertools import chain
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract import _identifiers
from codeanatomy.cpg.extract._walk import ANNOTATION, Definition, Open, Parameter, Scope, Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codeanatomy.cpg.extract._identifiers import Span
    from codeanatomy.cpg.extract._walk import Item, Visitor

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming

_DECORATORS_FIRST = sys.version_info >= (3, 12)  # before, Python reads what they decorate first


def module(walk: Walk, tree: ast.Module) -> None:
    """Open the module's scope and queue its body."""
    walk.nodes.append((tree, None, "", None, 0))
    walk.definitions[0] = Definition(0, "module", "", None, 0)

    def enter(opened: int) -> None:
        walk.scopes.append(Scope(-1, "module", "", 0))
        walk.definitions[0].scope = opened
        walk.push(tree, ("body",), 0, opened, 0)

    walk.stack.append((Open("module", "top", 0, 0, enter), None, "", None, 0, 0))


def function(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Record a function: what is evaluated outside it first, then its own scope."""
    span = _named(walk, node, number, scope, "function")
    is_async = node.__class__ is ast.AsyncFunctionDef
    _define(walk, number, "function", scope, node.name, span, is_async=is_async)
    parameters = _parameters(walk, number, node.args, scope)

    def inside(within: int) -> Iterator[Item]:
        yield from _annotations(node, number, parameters, within, flags)
        opening = _function_scope(walk, node, number, parameters, within)
        yield (opening, None, "", None, within, 0)

    tail = _with_type_parameters(walk, node, number, scope, flags, inside)
    decorators = list(_listed(node, "decorator_list", number, scope, flags))
    if not _DECORATORS_FIRST:
        tail[-1:-1] = decorators
        decorators = []
    walk.push_all([*_defaults(node.args, number, scope, flags), *decorators, *tail])


def lambda_(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Record a lambda; its name is given when all lambdas around it are known."""
    _define(walk, number, "lambda", scope, "<lambda>")
    parameters = _parameters(walk, number, node.args, scope)
    opening = _function_scope(walk, node, number, parameters, scope, flags)
    walk.stack.append((opening, None, "", None, scope, flags))
    walk.push_all(_defaults(node.args, number, scope, flags))


def class_(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Record a class: bases, keywords and decorators outside it, then its own scope."""
    span = _named(walk, node, number, scope, "class")
    _define(walk, number, "class", scope, node.name, span)

    def inside(within: int) -> Iterator[Item]:
        def enter(opened: int) -> None:
            walk.definitions[number].scope = opened
            walk.scopes.append(Scope(within, "class", node.name, number))
            walk.push(node, ("body",), number, opened, flags)

        yield from _listed(node, "bases", number, within, flags)
        yield from _listed(node, "keywords", number, within, flags)
        opening = Open("class", node.name, node.lineno, number, enter)
        yield (opening, None, "", None, within, flags)

    tail = _with_type_parameters(walk, node, number, scope, flags, inside, private=node.name)
    decorators = list(_listed(node, "decorator_list", number, scope, flags))
    at = 0 if _DECORATORS_FIRST else len(tail) - 1
    walk.push_all([*tail[:at], *decorators, *tail[at:]])


def type_alias(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Record a `type` statement: its value has a scope of its own, inside its parameters'."""

    def inside(within: int) -> Iterator[Item]:
        opening = _typed(walk, "type_alias", node.name.id, node, number, "value", within)
        yield (opening, None, "", None, within, flags)

    walk.push_all(_with_type_parameters(walk, node, number, scope, flags, inside))
    walk.stack.append((node.name, number, "name", None, scope, flags))


def type_parameter(walk: Walk, node: Any, number: int, scope: int, flags: int) -> None:
    """Record a type parameter; its bound and default are evaluated later, in their own scopes."""
    span = _identifiers.after_stars(walk.text, walk.begin(node))
    walk.name(number, scope, node.name, "type_parameter", span)
    openings = [
        _typed(walk, "type_variable", node.name, node, number, part, scope)
        for part in ("bound", "default_value")
        if getattr(node, part, None) is not None
    ]
    walk.push_all((opening, None, "", None, scope, flags) for opening in openings)


def _named(walk: Walk, node: Any, number: int, scope: int, role: str) -> Span:
    span = _identifiers.definition(walk.text, walk.begin(node))
    walk.name(number, scope, node.name, role, span)
    return span


def _define(
    walk: Walk, number: int, kind: str, scope: int, name: str, span: Span | None = None,
    *, is_async: bool = False,
) -> None:  # fmt: skip
    parent = walk.scopes[scope].owner
    walk.definitions[number] = Definition(number, kind, name, parent, scope, is_async, span)


def _parameters(walk: Walk, number: int, args: Any, scope: int) -> list[Parameter]:
    """Add the parameters to the nodes now; they are bound when their scope opens."""
    groups = (
        ("posonlyargs", "positional_only", args.posonlyargs),
        ("args", "positional", args.args),
        ("vararg", "var_positional", args.vararg),
        ("kwonlyargs", "keyword_only", args.kwonlyargs),
        ("kwarg", "var_keyword", args.kwarg),
    )
    found: list[Parameter] = []
    for field, kind, group in groups:
        listed = group.__class__ is list
        for at, arg in enumerate(group if listed else [group] if group else ()):
            child = walk.add(arg, number, f"args.{field}", at if listed else None, scope)
            span = _identifiers.starting_at(walk.text, walk.begin(arg), arg.arg)
            parameter = Parameter(child, number, arg.arg, kind, len(found), span)
            walk.parameters[child] = parameter
            found.append(parameter)
    return found


def _function_scope(
    walk: Walk, node: Any, number: int, parameters: list[Parameter], within: int, flags: int = 0
) -> Open:
    """Make the scope of a function or lambda, which binds its parameters and holds its body."""
    definition = walk.definitions[number]

    def enter(opened: int) -> None:
        outer = walk.scopes[within]
        first, cls = _first_of_method(walk, node, outer)
        names = frozenset(p.name for p in parameters)
        definition.scope = opened
        walk.scopes.append(Scope(within, definition.kind, outer.private, number, cls, first, names))
        for parameter in parameters:
            parameter.scope = opened
            walk.nodes[parameter.node] = (*walk.nodes[parameter.node][:-1], opened)
            walk.name(parameter.node, opened, parameter.name, "parameter", parameter.span)
        walk.push(node, ("body",), number, opened, flags)

    name = "lambda" if definition.kind == "lambda" else definition.name
    return Open(definition.kind, name, node.lineno, number, enter)


def _first_of_method(walk: Walk, node: Any, outer: Scope) -> tuple[str, int]:
    """Return the parameter that is the instance or class, and that class; -1 if there is none."""
    first = next((a.arg for a in chain(node.args.posonlyargs, node.args.args)), "")
    if outer.kind == "type_parameters":
        outer = walk.scopes[outer.parent]
    decorators = getattr(node, "decorator_list", ())
    static = any(getattr(decorator, "id", "") == "staticmethod" for decorator in decorators)
    if outer.kind != "class" or static or not first:
        return "", -1
    return first, outer.owner


def _annotations(
    node: Any, number: int, parameters: list[Parameter], scope: int, flags: int
) -> Iterator[Item]:
    """Yield annotations in the symbol table's order: positional, starred, keyword-only, return."""
    args = node.args
    listed = [*args.posonlyargs, *args.args]
    in_order = [a for a in (*listed, args.vararg, *args.kwonlyargs, args.kwarg) if a is not None]
    numbers = {id(arg): p.node for arg, p in zip(in_order, parameters, strict=True)}
    for arg in (*listed, args.vararg, args.kwarg, *args.kwonlyargs):
        if arg is not None and arg.annotation is not None:
            parent = numbers[id(arg)]
            yield (arg.annotation, parent, "annotation", None, scope, flags | ANNOTATION)
    if node.returns is not None:
        yield (node.returns, number, "returns", None, scope, flags | ANNOTATION)


def _defaults(args: Any, number: int, scope: int, flags: int) -> Iterator[Item]:
    for field in ("defaults", "kw_defaults"):
        for at, value in enumerate(getattr(args, field)):
            if value is not None:
                yield (value, number, f"args.{field}", at, scope, flags)


def _listed(node: Any, field: str, number: int, scope: int, flags: int) -> Iterator[Item]:
    for at, child in enumerate(getattr(node, field)):
        yield (child, number, field, at, scope, flags)


def _with_type_parameters(
    walk: Walk, node: Any, number: int, scope: int, flags: int,
    inside: Callable[[int], Iterator[Item]], private: str | None = None,
) -> list[Item]:  # fmt: skip
    """List what stands inside, around it the scope of the type parameters if there are any."""
    if not getattr(node, "type_params", None):
        return list(inside(scope))

    def enter(opened: int) -> None:
        outer = walk.scopes[scope]
        mangles = outer.private if private is None else private
        walk.scopes.append(Scope(scope, "type_parameters", mangles, outer.owner))
        walk.push_all([*_listed(node, "type_params", number, opened, 0), *inside(opened)])

    name = node.name if isinstance(node.name, str) else node.name.id
    opening = Open("type_parameters", name, node.lineno, number, enter)
    return [(opening, None, "", None, scope, flags)]


def _typed(
    walk: Walk, kind: str, name: str, node: Any, number: int, part: str, within: int
) -> Open:
    """Make the scope in which the value of an alias, or a bound or default, is evaluated."""

    def enter(opened: int) -> None:
        outer = walk.scopes[within]
        walk.scopes.append(Scope(within, kind, outer.private, outer.owner))
        walk.push(node, (part,), number, opened, 0)

    return Open(kind, name, node.lineno, number, enter)


DEFINITIONS: dict[type, Visitor] = {
    ast.FunctionDef: function, ast.AsyncFunctionDef: function, ast.Lambda: lambda_,
    ast.ClassDef: class_,
}  # fmt: skip
if sys.version_info >= (3, 12):
    DEFINITIONS |= {
        ast.TypeAlias: type_alias, ast.TypeVar: type_parameter, ast.ParamSpec: type_parameter,
        ast.TypeVarTuple: type_parameter,
    }  # fmt: skip
