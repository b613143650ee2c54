"""Short texts for columns: dotted expressions, cut constants, strings that Arrow can hold."""

from __future__ import annotations

import ast
from typing import Any

_HOPS = 16


def dotted(node: Any) -> str:  # noqa: ANN401 - any expression
    """Write an expression as dotted text; `()` and `[]` stand for what a call or subscript holds.

    Chains past 16 links are cut at the front with `...`; anything else is `?`.
    """
    if node.__class__ is ast.Name:
        name: str = node.id
        return name
    parts: list[str] = []
    for _ in range(_HOPS):
        cls = node.__class__
        if cls is ast.Attribute:
            parts.append("." + node.attr)
            node = node.value
        elif cls is ast.Name:
            parts.append(node.id)
            break
        elif cls is ast.Call:
            parts.append("()")
            node = node.func
        elif cls is ast.Subscript:
            parts.append("[]")
            node = node.value
        else:
            parts.append("?")
            break
    else:
        parts.append("...")
    return "".join(reversed(parts))


def shorten(text: str, limit: int = 200) -> str:
    """Cut `text` at `limit` characters; the cut shows as `...`."""
    return text if len(text) <= limit else text[: limit - 3] + "..."


def clean(text: str) -> str:
    """Escape lone surrogates, which no column of text can hold."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
