r"""Byte spans: how the text that parsers see lies in the bytes that are stored.

Parsers count in *text offsets*: bytes of the decoded text, newlines as `\n`, without a byte order
mark, in UTF-8. The graph counts in file bytes. A `TextMap` holds both and turns one into the other.
"""

from __future__ import annotations

import codecs
import io
import re
import tokenize
import unicodedata
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Offsets = NDArray[np.int64]

_NEWLINES = re.compile(rb"\r\n|\r|\n")
_NAMES = {b"\r\n": "crlf", b"\r": "cr", b"\n": "lf"}


@dataclass(frozen=True, slots=True)
class TextMap:
    """The text of one file, and where it lies in the stored bytes.

    `encoding` is None where the bytes do not decode, or decode in a way that gives a character no
    bytes of its own; the text is then the bytes themselves. `starts[i]` is the text offset of line
    `i + 1`, `stored[i]` its offset in the file. `table`, for codecs that are not UTF-8, holds the
    offset in the file of every text byte, and of the end.
    """

    text: bytes
    encoding: str | None
    bom: bool
    newline: str
    starts: Offsets
    stored: Offsets
    table: Offsets | None = None

    def to_file(self, offsets: Offsets) -> Offsets:
        """Map text offsets to offsets in the file."""
        if self.table is not None:
            return self.table[offsets]
        if self.stored is self.starts:
            return offsets
        line = np.searchsorted(self.starts, offsets, side="right") - 1
        found: Offsets = self.stored[line] + (offsets - self.starts[line])
        return found


def read_text(raw: bytes) -> TextMap:
    """Decode a Python file the way Python does; bytes that do not decode are their own text."""
    bom = raw.startswith(codecs.BOM_UTF8)
    encoding = _encoding(raw)
    if encoding == "utf-8":
        body = raw[len(codecs.BOM_UTF8) :] if bom else raw
        if _is_utf8(body):
            return _same_codec(body, len(raw) - len(body))
    elif encoding is not None:
        recoded = _recoded(raw, encoding)
        if recoded is not None:
            return recoded
    starts = _line_starts(raw)
    return TextMap(raw, None, bom, _newline(raw), starts, starts)


def _encoding(raw: bytes) -> str | None:
    """Return the codec that PEP 263 gives; newlines of every kind end a line of its cookie."""
    first = list(islice(_NEWLINES.finditer(raw), 2))
    head = raw[: first[-1].end()] if len(first) > 1 else raw
    lines = io.BytesIO(_NEWLINES.sub(b"\n", head))
    try:
        encoding, _ = tokenize.detect_encoding(lines.readline)
        utf8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
    except (SyntaxError, LookupError, ValueError):
        return None
    return "utf-8" if utf8 else encoding


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _same_codec(body: bytes, head: int) -> TextMap:
    """Map a file in UTF-8, line by line; `head` bytes of it, a byte order mark, are not text."""
    newline = _newline(body)
    if newline in ("lf", "none"):
        starts = _line_starts(body)
        stored = starts + head if head else starts
        return TextMap(body, "utf-8", head > 0, newline, starts, stored)
    ends = [m.end() for m in _NEWLINES.finditer(body)]
    text = _unix(body)
    stored = np.array([0, *ends], np.int64) + head
    return TextMap(text, "utf-8", head > 0, newline, _line_starts(text), stored)


def _recoded(raw: bytes, encoding: str) -> TextMap | None:
    """Map a file in another codec, character by character; None where that cannot be done."""
    try:
        decoded = raw.decode(encoding)
        text = decoded.encode()
        places = _characters(raw, encoding, decoded)
    except (UnicodeError, LookupError, ValueError, AssertionError, TypeError):
        return None
    if places is None:
        return None
    sizes = _utf8_sizes(text)
    table = np.append(np.repeat(places[:-1], sizes), places[-1])
    normal = _unix(text)
    if len(normal) != len(text):
        letters = np.frombuffer(text, np.uint8)
        second = np.zeros(len(table), bool)  # the `\n` of `\r\n`: no byte of the text stands for it
        second[1:-1] = (letters[1:] == ord("\n")) & (letters[:-1] == ord("\r"))
        table = table[~second]
    starts = _line_starts(normal)
    return TextMap(normal, encoding, bom=False, newline=_newline(text), starts=starts,
                   stored=table[starts], table=table)  # fmt: skip


def _characters(raw: bytes, encoding: str, decoded: str) -> Offsets | None:
    """Return where each character starts in the file, and where the last one ends.

    The codec is fed byte by byte; bytes that yield nothing belong to the character after them.
    """
    if len(decoded) == len(raw) and raw.isascii() == decoded.isascii():
        return np.arange(len(raw) + 1, dtype=np.int64)  # a byte a character
    decoder = codecs.getincrementaldecoder(encoding)()
    places: list[int] = []
    parts: list[str] = []
    start = 0
    for at in range(len(raw)):
        part = decoder.decode(raw[at : at + 1], at + 1 == len(raw))
        if not part:
            continue
        if len(part) > 1 and not all(map(unicodedata.combining, part[1:])):
            return None
        places.extend([start] * len(part))
        parts.append(part)
        start = at + 1
    return np.array([*places, len(raw)], np.int64) if "".join(parts) == decoded else None


def _utf8_sizes(text: bytes) -> Offsets:
    """Return how many bytes each character of UTF-8 text takes."""
    first = np.flatnonzero((np.frombuffer(text, np.uint8) & 0xC0) != 0x80)  # noqa: PLR2004 - UTF-8's continuation bytes
    return np.diff(first, append=len(text))


def _unix(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _newline(text: bytes) -> str:
    if b"\r" not in text:
        return "lf" if b"\n" in text else "none"
    kinds = set(_NEWLINES.findall(text))
    return _NAMES[kinds.pop()] if len(kinds) == 1 else "mixed"


def _line_starts(text: bytes) -> Offsets:
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
    return np.concatenate((np.zeros(1, np.int64), ends.astype(np.int64)))
