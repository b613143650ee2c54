"""LibCST's rows against `ast` and `tokenize`, in bytes of the file as stored."""

from __future__ import annotations

import ast
import io
import sys
import sysconfig
import tokenize
from pathlib import Path
from typing import Any

import pytest

from codeanatomy.cpg.extract._source import Source
from codeanatomy.cpg.extract.libcst import extract
from codeanatomy.kernel.errors import MissingPartError

MODULES = ("bisect", "colorsys", "keyword", "sched", "this")


def tables(raw: bytes) -> dict[str, list[dict[str, Any]]]:
    """Extract all tables as lists of rows."""
    out = {}
    for table, columns in extract(Source(raw)).items():
        lists = [c if isinstance(c, list) else c.tolist() for c in columns.values()]
        out[table] = [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)]
    return out


def library() -> list[tuple[str, bytes]]:
    """Read a few small modules of the standard library."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    return [(name, (folder / f"{name}.py").read_bytes()) for name in MODULES]


def test_definitions_calls_and_comments_are_where_python_sees_them() -> None:
    """Calls have `ast`'s spans, definitions its starts, comments the tokenizer's text."""
    for name, raw in library():
        source, rows = Source(raw), tables(raw)["cst_nodes"]
        nodes: list[Any] = list(ast.walk(source.tree))
        starts = source.line_starts.tolist()
        for kind, classes in (
            ("FunctionDef", (ast.FunctionDef, ast.AsyncFunctionDef)),
            ("ClassDef", (ast.ClassDef,)),
            ("Call", (ast.Call,)),
        ):
            found = [r["bend"] for r in rows if r["kind"] == kind]
            ends = [
                starts[n.end_lineno - 1] + n.end_col_offset for n in nodes if type(n) in classes
            ]
            assert sorted(found) == sorted(ends), (name, kind)
        cut = [raw[r["bstart"] : r["bend"]].decode() for r in rows if r["kind"] == "Comment"]
        read = io.BytesIO(raw).readline
        comments = [t.string for t in tokenize.tokenize(read) if t.type == tokenize.COMMENT]
        assert sorted(cut) == sorted(comments), name


def test_each_span_lies_in_its_wide_one_and_that_in_its_parents() -> None:
    """Outermost first; with white space, nothing reaches beyond the node above."""
    for name, raw in library():
        rows = tables(raw)["cst_nodes"]
        assert (rows[0]["wbstart"], rows[0]["wbend"]) == (0, len(raw))
        for row in rows[1:]:
            above = rows[row["parent"]]
            assert above["node"] < row["node"], name
            assert above["wbstart"] <= row["wbstart"] <= row["bstart"], (name, row)
            assert row["bend"] <= row["wbend"] <= above["wbend"], (name, row)


@pytest.mark.parametrize(
    ("raw", "newline"),
    [
        ("# coding: latin-1\r\né = f(ü)\r\n".encode("latin-1"), "\\r\\n"),
        (b"\xef\xbb\xbf" + "é = f(ü)\n".encode(), "\\n"),
        ("é = f(ü)\ry = 1\r".encode(), "\\r"),
        ("é = f(ü)\r\ny = 1\n".encode(), "\\r\\n"),
    ],
)
def test_spans_cut_the_stored_bytes(raw: bytes, newline: str) -> None:
    """Whatever the codec, the mark in front, or the newlines."""
    found = tables(raw)
    codec = "latin-1" if b"latin" in raw else "utf-8"
    names = [raw[r["bstart"] : r["bend"]] for r in found["cst_nodes"] if r["kind"] == "Name"]
    assert [n.decode(codec) for n in names[:3]] == ["é", "f", "ü"]
    wide = [raw[r["wbstart"] : r["wbend"]] for r in found["cst_nodes"] if r["kind"] == "Call"]
    assert wide[0].decode(codec) == "f(ü)"
    assert found["cst_manifest"][0]["newline"] == newline


def test_what_python_cannot_parse_is_left_alone() -> None:
    """So that what is too deep for LibCST never reaches it."""
    with pytest.raises((SyntaxError, MemoryError, RecursionError)):
        tables(b"x = " + b"-" * 100_000 + b"1\n")


def test_a_missing_libcst_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message is a command that can be typed."""
    monkeypatch.setitem(sys.modules, "libcst", None)
    with pytest.raises(MissingPartError, match="pip install libcst"):
        tables(b"x = 1\n")
