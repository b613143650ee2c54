"""Exact spans inside f-strings, from tree-sitter, where the interpreter gives the whole string's.

Before 3.12 Python gives every piece of an f-string the span of the whole string, and the
expressions in it positions that are wrong once the string has more than one line. The tolerant
tree knows where each replacement field lies; its expression is parsed again on its own there.
"""

from __future__ import annotations

import ast
import sys
import warnings
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

COARSE = sys.version_info < (3, 12)
_FIELDS = ("interpolation", "format_expression")
_TAIL = ("=", "type_conversion", "format_specifier", "}")


class Relocation:
    """Puts exact positions on the nodes of f-strings of one file."""

    def __init__(self, text: bytes, line_starts: Sequence[int], syntax: Any) -> None:  # noqa: ANN401 - tree-sitter's types are not part of our surface
        """Keep the text, where its lines start, and its tolerant tree."""
        self._text = text
        self._starts = line_starts
        self._root = syntax.root_node
        self.moved: set[int] = set()

    def relocate(self, joined: ast.JoinedStr) -> bool:
        """Move the pieces of `joined`, whose own span is exact; False if the trees disagree."""
        start = self._offset(joined.lineno, joined.col_offset)
        end = self._offset(joined.end_lineno or 1, joined.end_col_offset or 0)
        found = self._root.descendant_for_byte_range(start, end)
        while found is not None and found.type not in ("string", "concatenated_string"):
            found = found.parent if found.start_byte >= start else None
        if found is None:
            return False
        strings = found.children if found.type == "concatenated_string" else [found]
        return self._pieces(joined, strings)

    def _pieces(self, joined: ast.JoinedStr, containers: list[Any]) -> bool:
        """Walk fields and constants together; `containers` hold the fields, in order."""
        places = [c for s in containers for c in s.children if c.type in _FIELDS]
        fields = [v for v in joined.values if isinstance(v, ast.FormattedValue)]
        if len(places) != len(fields):
            return False
        first, last = _inside(containers[0], containers[-1])
        at, left = first, 0
        for value in joined.values:
            if isinstance(value, ast.FormattedValue):
                place = places[left]
                left += 1
                self._place(value, place.start_byte, place.end_byte)
                self._field(value, place)
                at = place.end_byte
            else:
                until = places[left].start_byte if left < len(places) else last
                if until > at:
                    self._place(value, at, until)
        return True

    def _field(self, value: ast.FormattedValue, place: Any) -> None:  # noqa: ANN401 - tree-sitter node
        tail = next((c for c in place.children[1:] if c.type in _TAIL), None)
        start, end = place.start_byte + 1, tail.start_byte if tail else place.end_byte - 1
        fresh = self._parse(start, end)
        if fresh is not None and ast.dump(fresh) == ast.dump(value.value):
            value.value = fresh
            self._shift(fresh, start, end)
        spec = next((c for c in place.children if c.type == "format_specifier"), None)
        if spec is not None and isinstance(value.format_spec, ast.JoinedStr):
            self._place(value.format_spec, spec.start_byte, spec.end_byte)
            self._pieces(value.format_spec, [spec])
            self.moved.add(-id(value.format_spec))

    def _parse(self, start: int, end: int) -> ast.expr | None:
        source = "(" + self._text[start:end].decode("utf-8", "replace") + ")"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(source, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def _shift(self, fresh: ast.expr, start: int, end: int) -> None:
        """Turn positions in `(expression)` into positions in the file."""
        piece = b"(" + self._text[start:end] + b")"
        starts = [0, *(i + 1 for i, byte in enumerate(piece) if byte == 10)]  # noqa: PLR2004 - \n
        body = self._text[start:end]
        low = start + len(body) - len(body.lstrip())
        high = end - (len(body) - len(body.rstrip()))
        for node in ast.walk(fresh):
            if not hasattr(node, "col_offset"):
                continue
            spot: Any = node
            begin = start - 1 + starts[spot.lineno - 1] + spot.col_offset
            finish = start - 1 + starts[spot.end_lineno - 1] + spot.end_col_offset
            self._place(spot, max(begin, low), min(finish, high))

    def _place(self, node: Any, start: int, end: int) -> None:  # noqa: ANN401 - any node with a position
        node.lineno, node.col_offset = self._position(start)
        node.end_lineno, node.end_col_offset = self._position(end)
        self.moved.add(id(node))

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1]

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column


def _inside(first: Any, last: Any) -> tuple[int, int]:  # noqa: ANN401 - tree-sitter nodes
    """Return where the content starts and ends: between the quotes, or after a spec's colon."""
    if first.type == "format_specifier":
        return first.start_byte + 1, last.end_byte
    opening, closing = first.children[0], last.children[-1]
    start = opening.end_byte if opening.type == "string_start" else first.start_byte
    return start, closing.start_byte if closing.type == "string_end" else last.end_byte
