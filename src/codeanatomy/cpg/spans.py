"""Byte spans: how the text that parsers see lies in the bytes that are stored.

Parsers count in *text offsets*: bytes of the decoded text, newlines as `\\n`, without a byte order
mark, in UTF-8. The graph counts in file bytes. A `TextMap` holds both and turns one into the other.
"""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Offsets = NDArray[np.int64]

_NEWLINES = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class TextMap:
    """The text of one file, and where each of its lines lies in the stored bytes.

    `starts[i]` is the text offset of line `i + 1`, `stored[i]` its offset in the file. `uneven`
    lists lines whose bytes differ between text and file, with the file offset of every text byte
    in them.
    """

    text: bytes
    encoding: str | None
    bom: bool
    newline: str
    starts: Offsets
    stored: Offsets
    uneven: dict[int, Offsets]

    @property
    def identical(self) -> bool:
        """Whether text and file are the same bytes."""
        return self.newline in ("lf", "none") and not self.bom and not self.uneven

    def to_file(self, offsets: Offsets) -> Offsets:
        """Map text offsets to offsets in the file."""
        if self.identical:
            return offsets
        line = np.searchsorted(self.starts, offsets, side="right") - 1
        found: Offsets = self.stored[line] + (offsets - self.starts[line])
        if self.uneven:
            for at in np.flatnonzero(np.isin(line, list(self.uneven))):
                number = int(line[at])
                inside = int(offsets[at]) - int(self.starts[number])
                found[at] = self.stored[number] + self.uneven[number][inside]
        return found


def read_text(raw: bytes) -> TextMap:
    """Decode a Python file the way Python does; bytes that do not decode are their own text."""
    encoding, bom = _encoding(raw)
    body = raw[len(codecs.BOM_UTF8) :] if bom else raw
    text: bytes | None = None
    if encoding is not None:
        text = _utf8(body, encoding)
    if text is None:
        encoding, body, text = None, raw, raw
    newline = _newline(body)
    head = len(raw) - len(body)
    if newline in ("lf", "none") and (encoding is None or text is body):
        starts = _line_starts(text)
        return TextMap(text, encoding, bom, newline, starts, starts + head, {})
    if encoding is None:
        # No text exists: parsers that tolerate errors read the bytes themselves.
        starts = _line_starts(raw)
        return TextMap(raw, None, bom, "lf" if newline != "none" else newline, starts, starts, {})
    return _mapped(body, text, encoding, head, bom=bom, newline=newline)


def _encoding(raw: bytes) -> tuple[str | None, bool]:
    """Return the codec that PEP 263 gives, and whether there is a byte order mark."""
    bom = raw.startswith(codecs.BOM_UTF8)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    except (SyntaxError, LookupError, ValueError):
        return None, bom
    return ("utf-8" if encoding in ("utf-8-sig", "utf-8") else encoding), bom


def _utf8(body: bytes, encoding: str) -> bytes | None:
    """Return the body as UTF-8, the same object when it is so already; None when it cannot be."""
    try:
        decoded = body.decode(encoding)
        return body if encoding == "utf-8" else decoded.encode("utf-8")
    except (UnicodeError, LookupError, ValueError, AssertionError, TypeError):
        return None


def _newline(body: bytes) -> str:
    if b"\r" not in body:
        return "lf" if b"\n" in body else "none"
    kinds = set(_NEWLINES.findall(body))
    if len(kinds) > 1:
        return "mixed"
    return {b"\r\n": "crlf", b"\r": "cr", b"\n": "lf"}[kinds.pop()]


def _line_starts(text: bytes) -> Offsets:
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
    return np.concatenate((np.zeros(1, np.int64), ends.astype(np.int64)))


def _mapped(  # noqa: PLR0913 - the parts of one file's text, each named
    body: bytes, text: bytes, encoding: str, head: int, *, bom: bool, newline: str
) -> TextMap:
    """Map line by line, where newlines or codec make text and file differ."""
    normal = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    starts = _line_starts(normal)
    if encoding == "utf-8":
        stored = _stored_starts(body) + head
        return TextMap(normal, encoding, bom, newline, starts, stored, {})
    return _recoded(body, normal, starts, encoding, head, bom=bom, newline=newline)


def _stored_starts(body: bytes) -> Offsets:
    ends = np.fromiter((m.end() for m in _NEWLINES.finditer(body)), np.int64)
    return np.concatenate((np.zeros(1, np.int64), ends))


def _recoded(  # noqa: PLR0913 - the parts of one file's text, each named
    body: bytes, normal: bytes, starts: Offsets, encoding: str, head: int, *, bom: bool, newline: str
) -> TextMap:
    """Map a file in another codec: decode it a character at a time where a line is not ASCII."""
    stored = np.zeros(len(starts), np.int64)
    uneven: dict[int, Offsets] = {}
    at = 0
    for number, line in enumerate(_decoded_lines(body, encoding)):
        stored[number] = at + head
        bytes_in_file = [len(c.encode(encoding, "surrogatepass")) for c in line]
        if any(n != 1 for n in bytes_in_file) or not line.isascii():
            uneven[number] = _byte_map(line.rstrip("\r\n"), bytes_in_file)
        at += sum(bytes_in_file)
    return TextMap(normal, encoding, bom, newline, starts, stored, uneven)


def _decoded_lines(body: bytes, encoding: str) -> list[str]:
    text = body.decode(encoding)
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text)
    return lines if lines and not lines[-1].endswith(("\r", "\n")) else [*lines, ""]


def _byte_map(line: str, bytes_in_file: list[int]) -> Offsets:
    """Give the offset in the file, from the line's start, of each UTF-8 byte of the line."""
    found: list[int] = []
    at = 0
    for character, size in zip(line, bytes_in_file, strict=False):
        found.extend([at] * len(character.encode("utf-8", "surrogatepass")))
        at += size
    return np.array([*found, at], np.int64)
