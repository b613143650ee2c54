"""What a syntax node carries besides its children: the identifier and the value of `ast_nodes`."""

from __future__ import annotations

import ast
import sys
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg.extract._texts import clean, shorten

if TYPE_CHECKING:
    from collections.abc import Callable

# ruff: noqa: ANN401 - the tree's nodes have no common type worth naming

ROLES: dict[type, str] = {ast.Load: "load", ast.Store: "store", ast.Del: "delete"}
_LONG = 512  # bits; `str` of a longer number is slow and may be refused
_CUT = 80


def _constant(node: Any) -> str:
    value = node.value
    if value.__class__ is int:
        text = str(value) if value.bit_length() < _LONG else hex(value)
    elif value.__class__ in (str, bytes):
        text = repr(value[:_CUT])
    else:
        text = repr(value)
    return clean(shorten(text, _CUT))


def _role(node: Any) -> str:
    return ROLES[node.ctx.__class__]


def _operator(node: Any) -> str:
    name: str = node.op.__class__.__name__
    return name


def _comparison(node: Any) -> str:
    return shorten(",".join(op.__class__.__name__ for op in node.ops))


def _conversion(node: Any) -> str | None:
    return chr(node.conversion) if node.conversion > 0 else None


def _dots(node: Any) -> str | None:
    return "." * (node.level or 0) or None


def _declared(node: Any) -> str:
    return shorten(",".join(node.names))


NAMES: dict[type, Callable[[Any], str | None]] = {
    ast.Name: attrgetter("id"), ast.Attribute: attrgetter("attr"), ast.keyword: attrgetter("arg"),
    ast.arg: attrgetter("arg"), ast.alias: attrgetter("name"),
    ast.FunctionDef: attrgetter("name"), ast.AsyncFunctionDef: attrgetter("name"),
    ast.ClassDef: attrgetter("name"), ast.ImportFrom: attrgetter("module"),
    ast.ExceptHandler: attrgetter("name"), ast.MatchAs: attrgetter("name"),
    ast.MatchStar: attrgetter("name"), ast.MatchMapping: attrgetter("rest"),
}  # fmt: skip
VALUES: dict[type, Callable[[Any], str | None]] = {
    ast.Constant: _constant, ast.Name: _role, ast.Attribute: _role, ast.BinOp: _operator,
    ast.UnaryOp: _operator, ast.BoolOp: _operator, ast.AugAssign: _operator,
    ast.Compare: _comparison, ast.FormattedValue: _conversion, ast.ImportFrom: _dots,
    ast.alias: attrgetter("asname"), ast.Global: _declared, ast.Nonlocal: _declared,
}  # fmt: skip
if sys.version_info >= (3, 12):
    NAMES |= {
        ast.TypeAlias: attrgetter("name.id"), ast.TypeVar: attrgetter("name"),
        ast.ParamSpec: attrgetter("name"), ast.TypeVarTuple: attrgetter("name"),
    }  # fmt: skip
