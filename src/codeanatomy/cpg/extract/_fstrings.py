"""Exact positions inside f-strings, from tree-sitter, where the interpreter's are coarse.

Before 3.12 Python gives the pieces of an f-string the span of the whole string, and the expressions
in it positions that are wrong once the string has several lines. The tolerant tree knows where each
replacement field lies; its expression is parsed again there, and the positions are carried over.
The spans are those that Python gives from 3.12 on.
"""

from __future__ import annotations

import ast
import re
import sys
import warnings
from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# ruff: noqa: ANN401 - neither tree-sitter's nodes nor Python's have a common type worth naming

COARSE = sys.version_info < (3, 12)
_OPENING = re.compile(rb"(?:\b[fF][rR]?|\b[rR][fF])['\"]")
_FIELDS = ("interpolation", "format_expression")
_TAIL = ("=", "type_conversion", "format_specifier", "}")


class Places(NamedTuple):
    """Which nodes got their position from tree-sitter, and whose stayed coarse, by `id`."""

    moved: set[int]
    coarse: set[int]


class Piece(NamedTuple):
    """A stretch of text or a replacement field, in text offsets."""

    start: int
    end: int
    field: Any = None  # tree-sitter's node; None for text


def may_have_any(text: bytes) -> bool:
    """Tell whether something in `text` looks like the start of an f-string."""
    return _OPENING.search(text) is not None


def relocate(tree: ast.Module, text: bytes, starts: Sequence[int], root: Any) -> Places:
    """Put exact positions on everything inside the f-strings of `tree`.

    `starts` are the offsets of the lines of `text`, `root` is the root of its tolerant tree.
    """
    work = _Relocation(text, starts, root)
    lines = [bisect_right(starts, m.start()) for m in _OPENING.finditer(text)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        work.pending.extend(_f_strings(tree, lines))
        while work.pending:
            work.string(work.pending.pop())
    return work.places


class _Relocation:
    def __init__(self, text: bytes, starts: Sequence[int], root: Any) -> None:
        self.places = Places(set(), set())
        self.pending: list[ast.JoinedStr] = []  # f-strings whose own span is exact
        self._text = text
        self._starts = starts
        self._root = root

    def string(self, joined: ast.JoinedStr) -> None:
        """Move the pieces of `joined`, or mark them as coarse if the two trees disagree."""
        start = self._starts[joined.lineno - 1] + joined.col_offset
        end = self._starts[(joined.end_lineno or 1) - 1] + (joined.end_col_offset or 0)
        found = self._root.descendant_for_byte_range(start, end)
        while found is not None and found.type not in ("string", "concatenated_string"):
            found = found.parent if found.start_byte >= start else None
        strings = [] if found is None else [found]
        if found is not None and found.type == "concatenated_string":
            strings = [child for child in found.children if child.type == "string"]
        self._match(joined, [piece for string in strings for piece in _string(string)])

    def _match(self, joined: ast.JoinedStr, pieces: list[Piece]) -> None:
        """Walk values and pieces together: a constant takes all text up to the next field."""
        matched: list[tuple[ast.expr, list[Piece]]] = []
        at = 0
        for value in joined.values:
            run = at
            while at < len(pieces) and pieces[at].field is None:
                at += 1
            if not isinstance(value, ast.FormattedValue):
                matched.append((value, pieces[run:at]))
            elif at < len(pieces):
                matched.append((value, [pieces[at]]))
                at += 1
            else:
                matched.append((value, []))
        left_over = any(piece.field is not None for piece in pieces[at:])
        if left_over or not all(found for _, found in matched):
            for value in joined.values:
                self._give_up(value, joined)
            return
        for value, found in matched:
            self._place(value, found[0].start, found[-1].end)
            if isinstance(value, ast.FormattedValue):
                self._field(value, found[0].field)

    def _field(self, value: ast.FormattedValue, place: Any) -> None:
        parts = place.children[1:]
        tail = next((c for c in parts if c.type in _TAIL), parts[-1])
        start, end = place.start_byte + 1, tail.start_byte
        spec = next((c for c in parts if c.type == "format_specifier"), None)
        if isinstance(value.format_spec, ast.JoinedStr):
            if spec is not None:
                self._place(value.format_spec, spec.start_byte, spec.end_byte)
                self._match(value.format_spec, [*_pieces(spec, spec.start_byte + 1, spec.end_byte)])
            elif parts[0].type == "named_expression":  # how tree-sitter reads `{x:=10}`
                end = parts[0].children[0].end_byte
                self._bare_specifier(value.format_spec, end, place.end_byte - 1)
            else:
                self._give_up(value.format_spec, value)
        self._expression(value, start, end)

    def _bare_specifier(self, spec: ast.JoinedStr, start: int, end: int) -> None:
        """Place a specifier without fields that starts with its colon at `start`."""
        self._place(spec, start, end)
        for value in spec.values:
            if len(spec.values) == 1 and isinstance(value, ast.Constant):
                self._place(value, start + 1, end)
            else:
                self._give_up(value, spec)

    def _expression(self, field: ast.FormattedValue, start: int, end: int) -> None:
        """Parse the text of a field and carry the positions over, if it is the same tree."""
        fresh = self._parse(start, end)
        pairs = [] if fresh is None else _pairs(field.value, fresh)
        if not pairs:
            self._give_up(field.value, field)
            return
        body = self._text[start:end]
        low = start + len(body) - len(body.lstrip())
        high = start + len(body.rstrip())
        starts = [start - 1, *(start + m.end() for m in re.finditer(b"\n", body))]
        for node, twin in pairs:
            begin = starts[twin.lineno - 1] + twin.col_offset
            finish = starts[twin.end_lineno - 1] + twin.end_col_offset
            self._place(node, max(begin, low), min(finish, high))
            if isinstance(node, ast.JoinedStr):
                self.pending.append(node)

    def _parse(self, start: int, end: int) -> ast.expr | None:
        try:
            source = "(" + self._text[start:end].decode() + ")"
            return ast.parse(source, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def _place(self, node: Any, start: int, end: int) -> None:
        node.lineno = bisect_right(self._starts, start)
        node.col_offset = start - self._starts[node.lineno - 1]
        node.end_lineno = bisect_right(self._starts, end)
        node.end_col_offset = end - self._starts[node.end_lineno - 1]
        self.places.moved.add(id(node))

    def _give_up(self, node: ast.AST, around: ast.expr) -> None:
        """Give everything from `node` down the span of what is around it, and say so."""
        for below in ast.walk(node):
            if hasattr(below, "col_offset"):
                self.places.coarse.add(id(below))
                ast.copy_location(below, around)


def _string(string: Any) -> Iterator[Piece]:
    """Yield the pieces of one literal; one that is no f-string is a stretch of text as a whole."""
    opening, closing = string.children[0], string.children[-1]
    if opening.end_byte == closing.start_byte:
        return
    if b"f" in opening.text.lower():
        yield from _pieces(string, opening.end_byte, closing.start_byte)
    else:
        yield Piece(string.start_byte, string.end_byte)


def _pieces(holder: Any, start: int, end: int) -> Iterator[Piece]:
    """Yield text and fields between `start` and `end`; the `x=` of `{x=}` is text, too."""
    for child in holder.children:
        if child.type not in _FIELDS:
            continue
        if start < child.start_byte:
            yield Piece(start, child.start_byte)
        inside = child.children
        for sign, after in pairwise(inside):
            if sign.type == "=":
                yield Piece(child.start_byte + 1, after.start_byte)
        yield Piece(child.start_byte, child.end_byte, child)
        start = child.end_byte
    if start < end:
        yield Piece(start, end)


def _pairs(old: ast.AST, fresh: ast.AST) -> list[tuple[Any, Any]]:
    """Pair the nodes that have positions in two equal trees; nothing if they are not equal.

    What stands inside a nested f-string is left out.
    """
    found: list[tuple[Any, Any]] = []
    pending: list[tuple[Any, Any]] = [(old, fresh)]
    while pending:
        one, other = pending.pop()
        if one.__class__ is not other.__class__:
            return []
        if isinstance(one, list):
            if len(one) != len(other):
                return []
            pending.extend(zip(one, other, strict=True))
        elif isinstance(one, ast.AST):
            if hasattr(one, "col_offset"):
                found.append((one, other))
            fields = () if isinstance(one, ast.JoinedStr) else one._fields
            pending.extend((getattr(one, f, None), getattr(other, f, None)) for f in fields)
    return found


def _f_strings(tree: ast.Module, lines: Sequence[int]) -> Iterator[ast.JoinedStr]:
    """Find the f-strings that are in no other; only nodes over one of `lines` are looked into."""
    pending: list[Any] = [tree]
    while pending:
        node = pending.pop()
        if node.__class__ is ast.JoinedStr:
            yield node
            continue
        first = getattr(node, "lineno", None)
        if first is not None:
            for decorator in getattr(node, "decorator_list", ()):
                first = min(first, decorator.lineno)
            at = bisect_left(lines, first)
            if at == len(lines) or lines[at] > node.end_lineno:
                continue
        for field in node._fields:
            value = getattr(node, field, None)
            if value.__class__ is list:
                pending.extend(child for child in value if isinstance(child, ast.AST))
            elif isinstance(value, ast.AST):
                pending.append(value)
