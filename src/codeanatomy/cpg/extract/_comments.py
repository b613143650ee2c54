"""Long runs of comment lines, hidden from a parser that takes a square of their number.

tree-sitter's scanner looks ahead over all comments that follow an indented statement, again at each
of them. A run of hundreds of lines is blanked before parsing; its comments are found by the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LEAST = 256  # lines; below this the square costs milliseconds
_RUN = re.compile(rb"(?:^[ \t]+#[^\n]*\n){%d,}" % LEAST, re.MULTILINE)
_LINE = re.compile(rb"[ \t]+(#[^\n]*)\n")
_STRINGS = ("string", "string_content", "string_start", "string_end", "escape_sequence")

Span = tuple[int, int]


def runs(text: bytes) -> list[Span]:
    """Return the spans of long runs of indented comment lines."""
    if text.count(b"\n") < LEAST or text.count(b"#") < LEAST:
        return []
    return [match.span() for match in _RUN.finditer(text)]


def hidden(text: bytes, spans: Sequence[Span]) -> bytes:
    """Return the text with the lines in `spans` blank: every other byte keeps its place."""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], re.sub(rb"[^\n]", b" ", text[start:end])]
        at = end
    return b"".join([*parts, text[at:]])


def comments(text: bytes, spans: Sequence[Span], root: Any) -> Iterator[Span]:  # noqa: ANN401 - tree-sitter's types are not part of our surface
    """Yield the comments in `spans`, but for lines that are part of a string."""
    for start, end in spans:
        for line in _LINE.finditer(text, start, end):
            first, last = line.span(1)
            if root.descendant_for_byte_range(first, first).type not in _STRINGS:
                yield first, last
