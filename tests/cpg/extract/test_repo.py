"""How odd files read as text: codecs, byte order marks, newlines, sizes."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.cpg.extract import run_one

ENDS = {"lf": b"\n", "crlf": b"\r\n", "cr": b"\r", "none": b""}


def text(raw: bytes) -> dict[str, Any]:
    """Return the one row of `file_text`."""
    (row,) = run_one("repo", raw)["file_text"].to_pylist()
    assert isinstance(row, dict)
    return row


def lines(raw: bytes) -> list[tuple[bytes, str]]:
    """Return what stands in each line, and what ends it."""
    rows = run_one("repo", raw)["file_lines"].to_pylist()
    assert [row["line"] for row in rows] == list(range(1, len(rows) + 1))
    return [(raw[row["bstart"] : row["bend"]], row["newline"]) for row in rows]


def facts(raw: bytes) -> tuple[object, ...]:
    """Return encoding, newline, byte order mark and number of lines."""
    row = text(raw)
    return row["encoding"], row["newline"], row["bom"], row["lines"]


def test_an_empty_file_has_no_lines() -> None:
    """Nothing is there, and nothing is wrong with it."""
    assert facts(b"") == ("utf-8", "none", False, 0)
    assert lines(b"") == []


def test_a_lone_newline_is_one_empty_line() -> None:
    """The newline ends a line and opens none."""
    assert lines(b"\n") == [(b"", "lf")]


def test_the_last_line_may_lack_a_newline() -> None:
    """What ends it is nothing."""
    assert lines(b"a\nb") == [(b"a", "lf"), (b"b", "none")]


def test_crlf_is_one_newline() -> None:
    """Two bytes end each line, and both are left out of its span."""
    assert facts(b"a\r\nb\r\n") == ("utf-8", "crlf", False, 2)
    assert lines(b"a\r\nb\r\n") == [(b"a", "crlf"), (b"b", "crlf")]


def test_cr_alone_ends_lines() -> None:
    """Python reads the newlines of old Macintoshes."""
    assert facts(b"a\rb\r") == ("utf-8", "cr", False, 2)
    assert lines(b"a\rb\r") == [(b"a", "cr"), (b"b", "cr")]


def test_newlines_may_be_mixed() -> None:
    """Each line says which it has; a carriage return before the pair is a line of its own."""
    raw = b"a\nb\r\nc\r\r\nd"
    assert text(raw)["newline"] == "mixed"
    assert lines(raw) == [
        (b"a", "lf"), (b"b", "crlf"), (b"c", "cr"), (b"", "crlf"), (b"d", "none"),
    ]  # fmt: skip


def test_a_form_feed_ends_no_line() -> None:
    """Neither do the vertical tab, the separators, or the newlines of Unicode."""
    raw = "\x0cdef f():\x0b\x1c\x1d\x1e\x85\u2028\u2029 pass\n".encode()
    assert facts(raw) == ("utf-8", "lf", False, 1)


def test_tabs_are_bytes_like_others() -> None:
    """A tab is one byte wide."""
    assert lines(b"if x:\n\ty\n \tz\n") == [(b"if x:", "lf"), (b"\ty", "lf"), (b" \tz", "lf")]


def test_a_byte_order_mark_belongs_to_line_one() -> None:
    """Its three bytes are part of the first line's span."""
    raw = b"\xef\xbb\xbfx = 1\ny\n"
    assert facts(raw) == ("utf-8", "lf", True, 2)
    assert lines(raw)[0] == (b"\xef\xbb\xbfx = 1", "lf")


def test_a_byte_order_mark_may_be_all_there_is() -> None:
    """It is a line without a newline."""
    assert facts(b"\xef\xbb\xbf") == ("utf-8", "none", True, 1)


def test_a_byte_order_mark_and_another_cookie_contradict() -> None:
    """Python refuses the file; its bytes are not text, its lines are still there."""
    raw = b"\xef\xbb\xbf# coding: latin-1\nx\n"
    assert facts(raw) == (None, "lf", True, 2)


def test_nul_bytes_are_text_that_is_not_python() -> None:
    """The file decodes; that Python refuses it is the parsers' row."""
    assert facts(b"x = 1\x00\ny\n") == ("utf-8", "lf", False, 2)


def test_an_unknown_codec_decodes_nothing() -> None:
    """The cookie names a codec that Python does not have."""
    assert facts(b"# coding: klingon\nx = 1\n") == (None, "lf", False, 2)


def test_a_cookie_may_lie() -> None:
    """ASCII is promised, and a byte above it is there."""
    assert text(b"# coding: ascii\nx = '\xe9'\n")["encoding"] is None


def test_bytes_that_are_not_utf8_without_a_cookie_do_not_decode() -> None:
    """Nothing is guessed."""
    assert text(b"x = '\xe9'\n")["encoding"] is None


def test_a_codec_that_is_not_for_text_decodes_nothing() -> None:
    """`hex` turns bytes into bytes: Python refuses it as a source encoding."""
    assert text(b"# coding: hex\nx = 1\n")["encoding"] is None


def test_cp1252_is_read_by_its_cookie() -> None:
    """Lines are counted in the file's bytes, not in those of its text."""
    raw = "# coding: cp1252\nx = '€é'\ny\n".encode("cp1252")
    assert facts(raw) == ("cp1252", "lf", False, 3)
    assert lines(raw)[1] == (b"x = '\x80\xe9'", "lf")


def test_latin_1_is_read_by_its_cookie() -> None:
    """0x85 is a letter place of that codec, not a newline."""
    raw = b"# coding: latin-1\nx = '\xe9\x85'\ny\n"
    assert facts(raw) == ("iso-8859-1", "lf", False, 3)


def test_shift_jis_is_read_by_its_cookie() -> None:
    """A second byte of a character may be a backslash, never a newline."""
    raw = "# coding: shift_jis\nx = 'ソ表'\ny\n".encode("shift_jis")
    assert facts(raw) == ("shift_jis", "lf", False, 3)
    assert lines(raw)[1] == ("x = 'ソ表'".encode("shift_jis"), "lf")


def test_utf_16_is_not_text_to_python() -> None:
    """Python reads no UTF-16 sources, with a byte order mark or without."""
    assert text("x = 1\n".encode("utf-16"))["encoding"] is None
    assert text("x = 'é'\n".encode("utf-16-le"))["encoding"] is None


def test_a_cookie_in_line_two_counts_and_in_line_three_not() -> None:
    """PEP 263 looks at two lines."""
    assert text(b"#!python\n# coding: latin-1\n'\xe9'\n")["encoding"] == "iso-8859-1"
    assert text(b"#!python\n#\n# coding: latin-1\n'\xe9'\n")["encoding"] is None


def test_a_hundred_thousand_lines() -> None:
    """Every line has its row."""
    raw = b"".join(b"x%d = %d\n" % (n, n) for n in range(100_000))
    found = lines(raw)
    assert len(found) == 100_000
    assert found[99_999] == (b"x99999 = 99999", "lf")


def test_one_line_of_ten_million_bytes() -> None:
    """A long line is one line."""
    raw = b"x = '" + b"a" * 10_000_000 + b"'\n"
    assert facts(raw) == ("utf-8", "lf", False, 1)


def test_random_bytes_are_read_without_raising() -> None:
    """A picture called `x.py` has lines, and is not text."""
    raw = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
    assert text(raw)["encoding"] is None


@given(
    st.lists(st.sampled_from([b"a", b"\xc3\xa9", b"\n", b"\r", b"\r\n", b"\x0c", b"\x00", b"\xff"]))
)
def test_lines_and_their_newlines_are_the_file(parts: list[bytes]) -> None:
    """Joined again, lines reproduce every byte; only the last may lack a newline."""
    raw = b"".join(parts)
    found = lines(raw)
    assert b"".join(line + ENDS[end] for line, end in found) == raw
    assert not any(b"\n" in line or b"\r" in line for line, _ in found)
    assert "none" not in [end for _, end in found[:-1]]


@given(st.lists(st.sampled_from(["a", "é", "\n", "\r", "\r\n", "\x0c", "\u2028"])))
def test_lines_are_those_that_universal_newlines_give(parts: list[str]) -> None:
    """The text layer of Python counts the same lines."""
    raw = "".join(parts).encode()
    normal = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert [line for line, _ in lines(raw)] == normal.removesuffix(b"\n").split(b"\n")[
        : None if normal else 0
    ]
