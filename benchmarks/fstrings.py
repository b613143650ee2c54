"""Where the pieces of f-strings really are, for interpreters whose trees do not say (before 3.12).

A second reading of the string's own text: each replacement field is found by counting brackets
and quotes, its expression is parsed alone, and the positions are carried over to the real tree.
"""

from __future__ import annotations

import ast
import re
import tokenize
from typing import NamedTuple

PREFIX = re.compile(r"([A-Za-z]*)('''|\"\"\"|'|\")")
NAMED = re.compile(r"\\N\{[^}]*\}")
OPENING, CLOSING = "([{", ")]}"


class Field(NamedTuple):
    """One replacement field: offsets in the text of its braces and its expression."""

    begin: int
    end: int
    expression: tuple[int, int]
    inner: list[Field]


class Text(NamedTuple):
    """A text and where its characters are: line and UTF-8 column of every line's start."""

    lines: list[str]
    starts: list[int]
    whole: str

    def at(self, offset: int) -> tuple[int, int]:
        """Return the line, from 1, and the column in UTF-8 bytes of an offset in characters."""
        low, high = 0, len(self.starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.starts[middle] <= offset else (low, middle)
        return low + 1, len(self.whole[self.starts[low] : offset].encode())

    def offset(self, line: int, column: int) -> int:
        """Return the offset in characters of a line and a column in UTF-8 bytes."""
        text = self.lines[line - 1]
        characters = column if text.isascii() else len(text.encode()[:column].decode())
        return self.starts[line - 1] + characters


def place_pieces(tree: ast.AST, lines: list[str]) -> None:
    """Give every piece of every f-string of a tree the position it has in the text."""
    strings = _outermost(tree)
    if not strings:
        return
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line)
    text = Text(lines, starts, "".join(lines))
    for node in strings:
        begin = text.offset(node.lineno, node.col_offset)
        end = text.offset(node.end_lineno or 0, node.end_col_offset or 0)
        _place_string(node, text, begin, end)


def _outermost(tree: ast.AST) -> list[ast.JoinedStr]:
    """List the f-strings that stand in no other f-string."""
    found: list[ast.JoinedStr] = []
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, ast.JoinedStr):
            found.append(node)
        else:
            left.extend(ast.iter_child_nodes(node))
    return found


def _place_string(node: ast.JoinedStr, text: Text, begin: int, end: int) -> None:
    """Place the pieces of an f-string, which may be several literals side by side."""
    fields: list[Field] = []
    for literal_begin, literal_end in _literals(text.whole[begin:end]):
        fields += _fields_of_literal(text.whole, begin + literal_begin, begin + literal_end)
    _place_fields(node, fields, text)


def _literals(written: str) -> list[tuple[int, int]]:
    """Return the offsets of the string literals of an expression made of nothing else."""
    lines = [part for part in re.split("(?<=\n)", "(" + written + "\n)") if part]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    supply = iter(lines)
    return [
        (starts[t.start[0] - 1] + t.start[1] - 1, starts[t.end[0] - 1] + t.end[1] - 1)
        for t in tokenize.generate_tokens(lambda: next(supply, ""))
        if t.type == tokenize.STRING
    ]


def _fields_of_literal(whole: str, begin: int, end: int) -> list[Field]:
    match = PREFIX.match(whole, begin)
    if match is None or "f" not in match[1].lower():
        return []
    raw = "r" in match[1].lower()
    fields, _ = _scan(whole, match.end(), end - len(match[2]), raw=raw, top=True)
    return fields


def _scan(whole: str, at: int, end: int, *, raw: bool, top: bool) -> tuple[list[Field], int]:
    """Find the fields of literal text from `at`; a format's text stops at its closing brace."""
    fields = []
    while at < end:
        here = whole[at]
        if here == "\\" and not raw:
            named = NAMED.match(whole, at)
            at = named.end() if named else at + (1 if whole[at + 1] in "{}" else 2)
        elif here == "{" and top and whole[at + 1] == "{":
            at += 2
        elif here == "{":
            field = _field(whole, at, end, raw=raw)
            fields.append(field)
            at = field.end
        elif here == "}" and not top:
            return fields, at
        else:
            at += 1
    return fields, at


def _field(whole: str, begin: int, end: int, *, raw: bool) -> Field:
    """Read one replacement field that opens at `begin`."""
    stop = at = _end_of_expression(whole, begin + 1, end)
    if whole[at] == "=":
        at += 1
        while whole[at].isspace():
            at += 1
    if whole[at] == "!":
        at += 2
        while whole[at].isspace():
            at += 1
    inner: list[Field] = []
    if whole[at] == ":":
        inner, at = _scan(whole, at + 1, end, raw=raw, top=False)
    return Field(begin, at + 1, (begin + 1, stop), inner)


def _end_of_expression(whole: str, at: int, end: int) -> int:
    """Return where an expression ends: at a `!`, `:`, `=` or `}` outside brackets and quotes."""
    depth = 0
    while at < end:
        here, pair = whole[at], whole[at : at + 2]
        quote = PREFIX.match(whole, at) if here in "'\"" else None
        if quote is not None:
            at = whole.index(quote[2], quote.end()) + len(quote[2])
            continue
        if here in OPENING:
            depth += 1
        elif depth == 0 and pair in ("!=", "==", "<=", ">="):
            at += 1
        elif depth == 0 and here in "!:}=":
            return at
        elif here in CLOSING:
            depth -= 1
        at += 1
    msg = f"an f-string's field has no end at {at}"
    raise ValueError(msg)


def _place_fields(node: ast.JoinedStr, fields: list[Field], text: Text) -> None:
    pieces = [value for value in node.values if isinstance(value, ast.FormattedValue)]
    if len(pieces) != len(fields):
        msg = f"line {node.lineno}: {len(fields)} fields found, {len(pieces)} in the tree"
        raise ValueError(msg)
    for piece, field in zip(pieces, fields, strict=True):
        _move(piece, text.at(field.begin), text.at(field.end))
        _place_expression(piece.value, text, *field.expression)
        if isinstance(piece.format_spec, ast.JoinedStr):
            _place_fields(piece.format_spec, field.inner, text)


def _place_expression(value: ast.expr, text: Text, begin: int, end: int) -> None:
    """Carry positions over from the expression parsed alone."""
    written = "(" + text.whole[begin:end] + ")"
    alone = ast.parse(written, mode="eval").body
    line, column = text.at(begin)
    lines = [part for part in re.split("(?<=\n)", written) if part]
    place_pieces(alone, lines)
    left: list[tuple[ast.AST, ast.AST]] = [(value, alone)]
    while left:
        real, model = left.pop()
        if type(real) is not type(model):
            msg = f"line {line}: {type(real).__name__} is not {type(model).__name__}"
            raise ValueError(msg)
        if isinstance(model, (ast.expr, ast.keyword, ast.arg)) and isinstance(
            real, (ast.expr, ast.keyword, ast.arg)
        ):
            _move(
                real,
                _shift(model.lineno, model.col_offset, line, column),
                _shift(model.end_lineno or 0, model.end_col_offset or 0, line, column),
            )
        if model is alone and model.col_offset == 0 and model.lineno == 1:
            inside = text.whole[begin:end]  # a tuple without brackets of its own took ours
            first = begin + len(inside) - len(inside.lstrip())
            _move(value, text.at(first), text.at(begin + len(inside.rstrip())))
        left.extend(zip(ast.iter_child_nodes(real), ast.iter_child_nodes(model), strict=True))


def _shift(row: int, column: int, line: int, start: int) -> tuple[int, int]:
    """Move a place in `(` + text to where the text is; the bracket takes one column."""
    return line + row - 1, column + start - 1 if row == 1 else column


def _move(
    node: ast.expr | ast.keyword | ast.arg, begin: tuple[int, int], end: tuple[int, int]
) -> None:
    node.lineno, node.col_offset = begin
    node.end_lineno, node.end_col_offset = end
