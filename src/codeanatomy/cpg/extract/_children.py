"""Rows that say what a node is to the node above it: argument, base, decorator, annotation."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.cpg.extract import _identifiers
from codeanatomy.cpg.extract._texts import dotted, shorten

if TYPE_CHECKING:
    from codeanatomy.cpg.extract._walk import Walk

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming


class Children(NamedTuple):
    """The rows of four tables, in the order of the nodes."""

    args: list[tuple[Any, ...]]
    bases: list[tuple[Any, ...]]
    decorators: list[tuple[Any, ...]]
    annotations: list[tuple[Any, ...]]


def children(walk: Walk) -> Children:
    """Read the rows from a finished walk; parameters learn their defaults and annotations."""
    found = Children([], [], [], [])
    for number, (node, parent, field, index, _) in enumerate(walk.nodes):
        if field in _FIELDS:
            _FIELDS[field](walk, found, node, number, parent, index)
    return found


def _argument(
    walk: Walk, found: Children, node: Any, number: int, parent: int, index: int | None
) -> None:
    if walk.nodes[parent][0].__class__ is ast.ClassDef:
        found.bases.append((number, parent, index, None, _base(node)))
    else:
        star = "*" if node.__class__ is ast.Starred else ""
        found.args.append((number, parent, index, None, star))


def _keyword(
    walk: Walk, found: Children, node: Any, number: int, parent: int, index: int | None
) -> None:
    del index
    if walk.nodes[parent][0].__class__ is ast.ClassDef:
        found.bases.append((number, parent, None, node.arg, _base(node.value)))
    else:
        found.args.append((number, parent, None, node.arg, "" if node.arg else "**"))


def _base(node: Any) -> str:
    """Write a base without what it is subscripted with."""
    while node.__class__ is ast.Subscript:
        node = node.value
    return dotted(node)


def _decorator(
    walk: Walk, found: Children, node: Any, number: int, parent: int, index: int | None
) -> None:
    start = _identifiers.decorator(walk.text, walk.begin(node))
    found.decorators.append((number, parent, index, dotted(node), start, walk.end(node)))


def _annotation(
    walk: Walk, found: Children, node: Any, number: int, parent: int, index: int | None
) -> None:
    del index
    above = walk.nodes[parent][0]
    owner, role = parent, "return"
    if above.__class__ is ast.arg:
        role = "parameter"
        walk.parameters[parent].annotation = number
    elif above.__class__ is ast.AnnAssign:
        owner, role = parent + 1, "variable"
    text = walk.text[walk.begin(node) : walk.end(node)].decode("utf-8", "replace")
    found.annotations.append((number, owner, role, shorten(text)))


def _default(walk: Walk, found: Children, node: Any, number: int, parent: int, index: int) -> None:
    """Give a default to its parameter: the last ones have those of `defaults`."""
    del found, node
    args = walk.nodes[parent][0].args
    positional = len(args.posonlyargs) + len(args.args)
    walk.parameters[parent + 1 + positional - len(args.defaults) + index].default = number


def _keyword_default(
    walk: Walk, found: Children, node: Any, number: int, parent: int, index: int
) -> None:
    del found, node
    args = walk.nodes[parent][0].args
    before = len(args.posonlyargs) + len(args.args) + (args.vararg is not None)
    walk.parameters[parent + 1 + before + index].default = number


_FIELDS: dict[str, Any] = {
    "args": _argument, "bases": _argument, "keywords": _keyword, "decorator_list": _decorator,
    "annotation": _annotation, "returns": _annotation, "args.defaults": _default,
    "args.kw_defaults": _keyword_default,
}  # fmt: skip
