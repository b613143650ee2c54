"""Lines and characters as other programs count them, as spans of bytes in the file as stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from codeanatomy.cpg.extract._source import Source
from codeanatomy.cpg.scip import UTF8, UTF16

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.int64]

NOWHERE = -1
_CONTINUES, _FOUR_BYTES = 0x80, 0xF0  # in UTF-8: a byte inside a character; the first of four


class Positions:
    """One file, in which positions are looked up."""

    def __init__(self, raw: bytes) -> None:
        source = Source(raw)
        self.text = source.text
        self.ascii = source.text.isascii()
        self._spans = source.spans
        self._starts = np.asarray(source.line_starts, np.int64)
        self._ends = np.append(self._starts[1:] - 1, len(self.text))
        self._counted: dict[str, tuple[Ints, Ints]] = {}

    def offsets(self, lines: Ints, characters: Ints, encoding: str) -> Ints:
        """Turn (line from 0, character from 0) into text offsets; `NOWHERE` where there is none.

        A position is nowhere beyond its line's end, and inside a character.
        """
        inside = (lines >= 0) & (lines < len(self._starts)) & (characters >= 0)
        line = np.where(inside, lines, 0)
        if self.ascii or encoding == UTF8:
            found = self._starts[line] + characters
            inside &= ~self._inside_one(found)
        else:
            places, units = self._characters(encoding)
            begin = units[np.searchsorted(places, self._starts[line])]
            at = np.minimum(np.searchsorted(units, begin + characters), len(units) - 1)
            inside &= units[at] == begin + characters
            found = places[at]
        inside &= found <= self._ends[line]
        return np.where(inside, found, NOWHERE)

    def to_file(self, starts: Ints, ends: Ints) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Turn text offsets into half-open spans of bytes of the file as stored."""
        return self._spans(starts, ends)

    def _inside_one(self, offsets: Ints) -> NDArray[np.bool_]:
        """Say which offsets of the text lie between the bytes of one character."""
        if self.ascii:
            return np.zeros(len(offsets), bool)
        raw = np.frombuffer(self.text + b"\n", np.uint8)
        found: NDArray[np.bool_] = (raw[np.clip(offsets, 0, len(self.text))] & 0xC0) == _CONTINUES
        return found

    def _characters(self, encoding: str) -> tuple[Ints, Ints]:
        """Return where each character starts, and how many units there are before it."""
        if encoding not in self._counted:
            raw = np.frombuffer(self.text, np.uint8)
            first = np.flatnonzero((raw & 0xC0) != _CONTINUES)
            wide = (raw[first] >= _FOUR_BYTES) & (encoding == UTF16)
            units = np.concatenate([[0], np.cumsum(1 + wide.astype(np.int64))])
            self._counted[encoding] = (np.append(first, len(raw)), units)
        return self._counted[encoding]
