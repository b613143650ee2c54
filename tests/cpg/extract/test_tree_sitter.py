"""The tolerant parser's captures against `ast` and `tokenize`, and what it makes of odd bytes."""

from __future__ import annotations

import ast
import io
import sysconfig
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.cpg.extract import run_one
from codeanatomy.cpg.extract._source import Source
from codeanatomy.cpg.extract.tree_sitter import extract

if TYPE_CHECKING:
    from collections.abc import Iterator

Span = tuple[int, int]


def tables(raw: str | bytes) -> dict[str, list[dict[str, Any]]]:
    """Extract all tables as lists of rows."""
    found = extract(Source(raw.encode() if isinstance(raw, str) else raw))
    out = {}
    for table, columns in found.items():
        lists = [c if isinstance(c, list) else c.tolist() for c in columns.values()]
        out[table] = [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)]
    return out


def library(every: int) -> Iterator[tuple[str, Source]]:
    """Yield modules of the standard library whose text offsets are file bytes."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    paths = sorted(p for p in folder.rglob("*.py") if "site-packages" not in p.parts)
    for path in paths[::every]:
        source = Source(path.read_bytes())
        if source.raw is not source.text and source.raw != source.text:
            continue
        try:
            _ = source.tree
        except (SyntaxError, ValueError):
            continue
        yield path.name, source


def spans(source: Source, nodes: list[Any]) -> set[Span]:
    """Return the bytes of syntax nodes."""
    starts = source.line_starts.tolist()
    return {
        (starts[n.lineno - 1] + n.col_offset, starts[n.end_lineno - 1] + n.end_col_offset)
        for n in nodes
    }


def outside(found: set[Span], coarse: set[Span]) -> set[Span]:
    """Leave out what lies in f-strings, where 3.11 gives the whole string's position."""
    return {(a, b) for a, b in found if not any(x <= a and b <= y for x, y in coarse)}


def captured(rows: list[dict[str, Any]], kind: str) -> set[Span]:
    """Return the spans of one kind of capture."""
    return {(r["bstart"], r["bend"]) for r in rows if r["capture"] == kind}


def test_captures_are_where_pythons_own_parser_sees_them() -> None:
    """Definitions, calls, decorators, docstrings and imports have `ast`'s spans."""
    checked = 0
    for name, source in library(40):
        rows = tables(source.raw)["ts_captures"]
        nodes = list(ast.walk(source.tree))
        coarse = spans(source, [n for n in nodes if isinstance(n, ast.JoinedStr)])
        functions = [n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        classes = [n for n in nodes if isinstance(n, ast.ClassDef)]
        modules = [n for n in nodes if isinstance(n, ast.Module)]
        documented = [
            n.body[0] for n in functions + classes + modules if ast.get_docstring(n) is not None
        ]
        calls = spans(source, [n for n in nodes if isinstance(n, ast.Call)])
        imported = [a for n in nodes if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names]
        assert {a for a, _ in captured(rows, "function")} == {
            a for a, _ in spans(source, functions)
        }
        assert {a for a, _ in captured(rows, "class")} == {a for a, _ in spans(source, classes)}
        assert captured(rows, "docstring") == spans(source, documented), name
        assert captured(rows, "import") == spans(source, imported), name
        unseen = outside(calls, coarse) - captured(rows, "call")
        # The grammar takes `type(x).y = z` for a statement that defines a type alias.
        assert {source.raw[a : a + 5] for a, _ in unseen} <= {b"type("}, name
        assert outside(captured(rows, "call"), coarse) <= calls, name
        decorators = spans(source, [d for n in functions + classes for d in n.decorator_list])
        assert {b for _, b in captured(rows, "decorator")} == {b for _, b in decorators}, name
        checked += len(calls) - len(unseen)
    assert checked > 1000


def test_comments_are_those_of_the_tokenizer() -> None:
    """Every comment is captured once, with its text."""
    for name, source in library(100):
        read = io.BytesIO(source.text).readline
        comments = [t.string for t in tokenize.tokenize(read) if t.type == tokenize.COMMENT]
        found = [r["name"] for r in tables(source.raw)["ts_captures"] if r["capture"] == "comment"]
        assert found == [c[:200] for c in comments], name


def test_a_name_is_the_bytes_its_span_cuts_out() -> None:
    """Of definitions and calls, also where the file is not UTF-8."""
    raw = "# coding: latin-1\r\n# é\r\ndef é(): é.ü(1)\r\n".encode("latin-1")
    rows = [r for r in tables(raw)["ts_captures"] if r["capture"] in ("function", "call")]
    cut = [raw[r["name_bstart"] : r["name_bend"]].decode("latin-1") for r in rows]
    assert cut == [r["name"] for r in rows] == ["é", "ü"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00",
        b"\xff\xfe def",
        b"# coding: nowhere\nf()\n",
        b"def f(:\n",
        b"((((" * 50_000,
        b"\xef\xbb\xbfx = (\r\n",
    ],
)
def test_any_bytes_have_rows(raw: bytes) -> None:
    """No bytes raise; spans lie inside the file."""
    found = tables(raw)
    assert len(found["ts_stats"]) == 1
    for row in found["ts_nodes"] + found["ts_captures"]:
        assert 0 <= row["bstart"] <= row["bend"] <= len(raw)


@given(st.binary(max_size=60))
def test_random_bytes_have_rows(raw: bytes) -> None:
    """Nothing that can be stored in a file raises."""
    assert tables(raw)["ts_stats"][0]["error_bytes"] <= len(raw)


def test_a_call_behind_a_star_begins_behind_the_star() -> None:
    """The grammar reads `[*a.b(1)()]` as calls of `*a`; the star is no part of them."""
    rows = tables("x = [* a.b(1)(), *c()]\n")["ts_captures"]
    assert [(r["bstart"], r["bend"], r["name"]) for r in rows] == [
        (7, 15, None),
        (7, 13, "b"),
        (18, 21, "c"),
    ]


def test_a_file_that_python_parses_lists_no_nodes() -> None:
    """Its tree is `ast`'s; here stand errors only, and there are none."""
    assert tables("def f(): return 1\n")["ts_nodes"] == []


def test_parents_are_listed_before_their_children_and_hold_them() -> None:
    """In a broken file every node but the outermost has a parent, around it and before it."""
    rows = tables("def f(:\n  x = 1 +\nclass A(\n  pass\n")["ts_nodes"]
    assert [r["parent"] for r in rows].count(None) == 1
    for row in rows[1:]:
        parent = rows[row["parent"]]
        assert parent["node"] < row["node"]
        assert parent["bstart"] <= row["bstart"]
        assert row["bend"] <= parent["bend"]


def test_a_long_run_of_comments_is_found_without_the_parser() -> None:
    """Each line of the run is a comment at its own place, and those in a string are not."""
    run = "".join(f"    # {n}\n" for n in range(300))
    text = f'def f():\n    pass\n{run}def g():\n    """\n{run}    """\n'
    rows = run_one("tree_sitter", text.encode())["ts_captures"].to_pylist()
    comments = [row for row in rows if row["capture"] == "comment"]
    assert [row["name"] for row in comments] == [f"# {n}" for n in range(300)]
    assert {text[row["bstart"] : row["bend"]] for row in comments} == {c["name"] for c in comments}
    assert [row["name"] for row in rows if row["capture"] == "function"] == ["f", "g"]
    assert sum(row["capture"] == "docstring" for row in rows) == 1
