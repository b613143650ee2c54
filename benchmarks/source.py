"""One file as an oracle reads it: its tree with exact positions, its words, its byte offsets.

It knows nothing of the package: `ast`, `tokenize` and the file's bytes are all there is.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
import warnings
from bisect import bisect_left
from typing import NamedTuple

from benchmarks.fstrings import place_pieces

NEWLINE = re.compile("\r\n|\r|\n")
IDENTIFIER = re.compile(r"\w+")
BOM = b"\xef\xbb\xbf"


class Word(NamedTuple):
    """One identifier or keyword of the text; its column counts UTF-8 bytes."""

    line: int
    column: int
    text: str


class Source:
    """One file that Python can parse; raises what `ast.parse` raises, or UnicodeDecodeError.

    `lines` end in a line feed each, `tree` has exact positions also inside f-strings.
    """

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.tree = ast.parse(raw)
        self.encoding = tokenize.detect_encoding(io.BytesIO(raw).readline)[0]
        text = raw.decode(self.encoding)
        self.plain = text.isascii() and "\r" not in text
        self.lines = [part + "\n" for part in NEWLINE.split(text)]
        self._starts = self._line_starts(text)
        if sys.version_info < (3, 12):
            place_pieces(self.tree, self.lines)
        self._words: list[Word] | None = None

    def _line_starts(self, text: str) -> list[int]:
        if self.encoding in ("utf-8", "utf-8-sig"):
            first = len(BOM) if self.raw.startswith(BOM) else 0
            ends = [match.end() for match in re.finditer(rb"\r\n|\r|\n", self.raw)]
            return [first, *ends]
        starts, at = [0], 0
        for part in re.split("(\r\n|\r|\n)", text):
            at += len(part.encode(self.encoding))
            if part in ("\r\n", "\r", "\n"):
                starts.append(at)
        return starts

    def offset(self, line: int, column: int) -> int:
        """Map a line and a column in UTF-8 bytes to an offset in the file as stored."""
        if self.encoding in ("utf-8", "utf-8-sig"):
            return self._starts[line - 1] + column
        before = self.lines[line - 1].encode()[:column].decode()
        return self._starts[line - 1] + len(before.encode(self.encoding))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return the bytes of a node: half-open, in the file as stored; a module is the file."""
        if isinstance(node, ast.Module):
            return 0, len(self.raw)
        return (
            self.offset(node.lineno, node.col_offset),  # type: ignore[attr-defined] # it has one
            self.offset(node.end_lineno, node.end_col_offset),  # type: ignore[attr-defined] # too
        )

    def cut(self, begin: int, end: int) -> str:
        """Return the text of a span, with line feeds as newlines."""
        return NEWLINE.sub("\n", self.raw[begin:end].decode(self.encoding))

    @property
    def words(self) -> list[Word]:
        """List the identifiers and keywords of the file, in order."""
        if self._words is None:
            self._words = list(_words(self.lines))
        return self._words

    def words_of(self, node: ast.AST) -> list[Word]:
        """List the words inside a node."""
        begin = (node.lineno, node.col_offset)  # type: ignore[attr-defined] # only such are asked
        end = (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined] # the same
        return self.words_between(begin, end)

    def words_between(self, begin: tuple[int, int], end: tuple[int, int]) -> list[Word]:
        """List the words that start in a half-open range of (line, column)."""
        words = self.words
        return words[bisect_left(words, (*begin, "")) : bisect_left(words, (*end, ""))]

    def word_at(self, node: ast.arg) -> Word:
        """Return the identifier that a parameter starts with; also inside f-strings."""
        line = self.lines[node.lineno - 1]
        before = line.encode()[: node.col_offset].decode()
        match = IDENTIFIER.match(line, len(before))
        assert match is not None, (node.lineno, node.col_offset)
        return Word(node.lineno, node.col_offset, match[0])

    def word_span(self, word: Word) -> tuple[int, int]:
        """Return the bytes of a word in the file as stored."""
        end = word.column + len(word.text.encode())
        return self.offset(word.line, word.column), self.offset(word.line, end)


def _words(lines: list[str]) -> list[Word]:
    found = []
    supply = iter(lines)
    for token in tokenize.generate_tokens(lambda: next(supply, "")):
        if token.type == tokenize.NAME:
            line, column = token.start
            if not token.line.isascii():
                column = len(lines[line - 1][:column].encode())
            found.append(Word(line, column, token.string))
    return found
