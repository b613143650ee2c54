"""Lines and characters of other programs become bytes of the file as stored."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.cpg.extract._positions import NOWHERE, Positions

SIZES = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


def place(raw: bytes, line: int, character: int, encoding: str) -> int:
    """Return the byte at which a position lies, or -1."""
    found = Positions(raw)
    offset = found.offsets(np.array([line]), np.array([character]), encoding)
    if offset[0] < 0:
        return NOWHERE
    return int(found.to_file(offset, offset)[0][0])


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 6), ("utf-16", 3), ("utf-32", 2)])
def test_characters_are_counted_in_three_ways(encoding: str, character: int) -> None:
    """An astral character is four bytes, two units or one."""
    raw = "a\n🍏ä= b\n".encode()
    assert place(raw, 1, character, encoding) == 2 + 6


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"\xef\xbb\xbfx = 1\n", 5),
        (b"\r\nx = 1\r\n", 4),
        ("# coding: latin-1\nä = 1\n".encode("latin-1"), 20),
    ],
    ids=["byte order mark", "carriage returns", "another codec"],
)
def test_positions_know_how_the_file_is_stored(raw: bytes, expected: int) -> None:
    """The third character of a line, whatever stands before it in the file."""
    line = raw.replace(b"\r\n", b"\n")[:expected].count(b"\n")
    assert place(raw, line, 2, "utf-16") == expected


@pytest.mark.parametrize(
    ("line", "character", "encoding"),
    [(0, 4, "utf-8"), (9, 0, "utf-8"), (-1, 0, "utf-8"), (0, -1, "utf-16"), (0, 2, "utf-8"),
     (0, 1, "utf-16"), (2**31 - 1, 2**31 - 1, "utf-16")],
)  # fmt: skip
def test_what_is_not_in_the_file_is_nowhere(line: int, character: int, encoding: str) -> None:
    """Beyond the end of a line or the file, before it, and inside a character."""
    raw = "🍏\n".encode() if encoding == "utf-16" else "aä\n".encode()
    assert place(raw, line, character, encoding) == NOWHERE


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\0")), st.sampled_from([*SIZES]))
def test_every_character_is_found(text: str, encoding: str) -> None:
    """Against counting by encoding the text before it."""
    raw = text.encode()
    for line, content in enumerate(text.split("\n")):
        before = len("\n".join(text.split("\n")[:line]).encode()) + (line > 0)
        for at in range(len(content) + 1):
            units = len(content[:at].encode(encoding + "-le" * (encoding != "utf-8")))
            expected = before + len(content[:at].encode())
            assert place(raw, line, units // SIZES[encoding], encoding) == expected
