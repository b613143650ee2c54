"""Text offsets and file offsets: each can be told from the other, in every codec."""

from __future__ import annotations

import codecs
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from codeanatomy.cpg.spans import read_text

CODECS = (
    "utf-8", "latin-1", "cp1252", "koi8-r", "mac-roman", "shift_jis", "euc_jp", "gb18030", "big5",
    "iso2022_jp", "cp932", "euc_kr",
)  # fmt: skip
LETTERS = st.sampled_from("ab_=.'\t \f~\\éüñпд名前語한¥€\u0301")
NEWLINES = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, str, str]:
    """Draw a file: its bytes, what they decode to, its codec."""
    codec = draw(st.sampled_from(CODECS))
    lines = draw(st.lists(st.tuples(st.text(LETTERS, max_size=9), NEWLINES), max_size=8))
    text = f"# coding: {codec}\n" + "".join(line + newline for line, newline in lines)
    text += draw(st.text(LETTERS, max_size=5))
    try:
        raw = text.encode(codec)
    except UnicodeEncodeError:
        assume(condition=False)
        raise
    bom = codecs.BOM_UTF8 if codec == "utf-8" and draw(st.booleans()) else b""
    return bom + raw, raw.decode(codec), codec


def boundaries(text: str) -> list[int]:
    """Return the offsets in UTF-8 at which characters begin, and the end."""
    found = [0]
    for character in text:
        found.append(found[-1] + len(character.encode()))
    return found


@given(files())
def test_every_character_is_found_in_the_file(drawn: tuple[bytes, str, str]) -> None:
    """The bytes between two mapped offsets are those of the character between them."""
    raw, decoded, codec = drawn
    found = read_text(raw)
    text = decoded.replace("\r\n", "\n").replace("\r", "\n")
    assert found.text == text.encode()
    places = found.to_file(np.array(boundaries(text), np.int64)).tolist()
    assert places[0] == (3 if raw.startswith(codecs.BOM_UTF8) else 0)
    assert places[-1] == len(raw)
    pieces = [raw[a:b] for a, b in pairwise(places)]
    if codec != "iso2022_jp":  # there a character may need the shift before it
        unix = [p.decode(codec).replace("\r\n", "\n").replace("\r", "\n") for p in pieces]
        assert "".join(unix) == text
        assert all(len(piece) == 1 for piece in unix)


@given(files())
def test_lines_begin_where_the_file_has_them(drawn: tuple[bytes, str, str]) -> None:
    """Each line of the text has its line of the file."""
    raw, decoded, codec = drawn
    found = read_text(raw)
    lines = decoded.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert len(found.starts) == len(found.stored) == len(lines)
    assert found.stored.tolist() == found.to_file(found.starts).tolist()
    if codec == "utf-8":
        stored = [*found.stored.tolist(), len(raw)]
        cut = [raw[a:b].decode() for a, b in pairwise(stored)]
        assert [line.rstrip("\r\n") for line in cut] == lines


@given(files(), st.data())
def test_spans_keep_their_order(drawn: tuple[bytes, str, str], data: st.DataObject) -> None:
    """Of two offsets the greater one stays the greater or equal."""
    found = read_text(drawn[0])
    offsets = st.integers(0, len(found.text))
    chosen = sorted(data.draw(st.lists(offsets, min_size=2)))
    places = found.to_file(np.array(chosen, np.int64)).tolist()
    assert places == sorted(places)
    assert set(places) <= set(range(len(drawn[0]) + 1))


@pytest.mark.parametrize(
    ("raw", "newline"),
    [(b"", "none"), (b"x", "none"), (b"x\n", "lf"), (b"x\r\ny\r\n", "crlf"), (b"x\ry\r", "cr"),
     (b"x\r\ny\n", "mixed"), (b"x\n\ry", "mixed")],
)  # fmt: skip
def test_newlines_are_named(raw: bytes, newline: str) -> None:
    """One kind has its name, several are mixed."""
    assert read_text(raw).newline == newline


@pytest.mark.parametrize(
    ("raw", "encoding", "bom"),
    [
        (b"x", "utf-8", False),
        (b"\xef\xbb\xbfx", "utf-8", True),
        (b"# coding: latin-1\n\xe9", "iso-8859-1", False),
        (b"#!python\n# vim: set fileencoding=cp1252 :\n\x80", "cp1252", False),
        (b"#!python\r# coding: cp1252\r\x80", "cp1252", False),
        (b"# coding: utf8\n", "utf-8", False),
        (b"# coding: u8\n", "utf-8", False),
        (b"x = 1\n# coding: latin-1\n", "utf-8", False),
        (b"x = 1\r# coding: nonsense\r", "utf-8", False),
        (b"\xef\xbb\xbf# coding: latin-1\n", None, True),
        (b"# coding: nonsense\n", None, False),
        (b"# coding: rot13\n", None, False),
        (b"\xff", None, False),
        (b"# coding: utf-8\n\xe9\n", None, False),
        (b"# coding: shift_jis\n\x81", None, False),
    ],
)
def test_the_codec_is_the_one_python_takes(raw: bytes, encoding: str | None, bom: bool) -> None:  # noqa: FBT001 - a column of the table above
    """Cookies, marks and their contradictions."""
    found = read_text(raw)
    assert (found.encoding, found.bom) == (encoding, bom)


@pytest.mark.parametrize("codec", ["utf-7", "punycode"])
def test_codecs_that_melt_characters_together_have_no_offsets(codec: str) -> None:
    """Where a character has no bytes of its own, the bytes are no text."""
    raw = f"# coding: {codec}\nx = 'éü'\n".encode(codec)
    found = read_text(raw)
    assert found.encoding is None
    assert found.text == raw


def test_plain_text_is_kept_as_it_is() -> None:
    """UTF-8 with plain newlines is neither copied nor mapped."""
    raw = "é = 1\n".encode()
    found = read_text(raw)
    assert found.text is raw
    offsets = np.array([0, 2, 7], np.int64)
    assert found.to_file(offsets) is offsets
