"""The rows of ast against Python's own tree, symbol table and text, where a page cannot say it."""

from __future__ import annotations

import ast
import sys
import sysconfig
import unicodedata
import warnings
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.cpg.extract import bytecode, symtable
from codeanatomy.cpg.extract._run import run_many
from codeanatomy.cpg.extract._source import Source
from codeanatomy.cpg.extract.ast import extract

if TYPE_CHECKING:
    from collections.abc import Iterable

COARSE = sys.version_info < (3, 12)
MODULES = (
    "argparse", "ast", "dataclasses", "enum", "functools", "inspect", "statistics", "typing",
    "test/test_fstring", "test/test_grammar", "test/test_named_expressions", "test/test_patma",
    "test/test_scope", "test/test_syntax", "test/test_type_params", "test/test_unicode_identifiers",
)  # fmt: skip
Rows = list[dict[str, Any]]


def rows(found: dict[str, Any], table: str) -> Rows:
    """Return the rows of one table."""
    columns = {n: c if isinstance(c, list) else c.tolist() for n, c in found[table].items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def tables(raw: str | bytes) -> dict[str, Rows]:
    """Extract all tables as lists of rows."""
    found = extract(Source(raw.encode() if isinstance(raw, str) else raw))
    return {table: rows(found, table) for table in found}


LIBRARY = Path(sysconfig.get_paths()["stdlib"])
PRESENT = [name for name in MODULES if (LIBRARY / f"{name}.py").exists()]
each_module = pytest.mark.parametrize("name", PRESENT)


@cache
def module(name: str) -> tuple[Source, dict[str, Any]]:
    """Return a module of the standard library and what was extracted from it."""
    source = Source((LIBRARY / f"{name}.py").read_bytes())
    return source, extract(source)


def positioned(tree: ast.AST) -> list[ast.AST]:
    """List the nodes that have a position."""
    return [node for node in ast.walk(tree) if hasattr(node, "lineno")]


def errors(text: str | bytes, extractor: str = "ast") -> Rows:
    """Return what an extractor could not do."""
    raw = text.encode() if isinstance(text, str) else text
    found: Rows = run_many([extractor], [raw])[extractor].tables["extraction_errors"].to_pylist()
    return found


def cuts(raw: bytes, found: Iterable[dict[str, Any]], prefix: str = "") -> list[str]:
    """Cut the spans of rows out of the bytes, as identifiers."""
    spans = [raw[row[f"{prefix}bstart"] : row[f"{prefix}bend"]] for row in found]
    return [unicodedata.normalize("NFKC", span.decode()) for span in spans]


@each_module
def test_every_positioned_node_is_a_row(name: str) -> None:
    """Rows are as many of each kind as nodes in Python's tree, and the module."""
    source, found = module(name)
    kinds = Counter(type(node).__name__ for node in positioned(source.tree))
    assert Counter(found["ast_nodes"]["kind"]) == kinds + Counter(Module=1)


@each_module
def test_scopes_are_those_of_the_symbol_table(name: str) -> None:
    """Both witnesses number, place and name the scopes alike, so that their rows can be joined."""
    source, found = module(name)
    columns = ("scope", "parent", "kind", "name", "line")
    ours, theirs = rows(found, "ast_scopes"), rows(symtable.extract(source), "scopes")
    assert [[row[c] for c in columns] for row in ours] == [
        [row[c] for c in columns] for row in theirs
    ]


@each_module
def test_every_occurrence_has_a_symbol(name: str) -> None:
    """What is bound or read in a scope stands in the symbol table of that scope."""
    source, found = module(name)
    known = {(r["scope"], r["name"]) for r in rows(symtable.extract(source), "scope_symbols")}
    names = rows(found, "ast_names")
    assert {(r["scope"], r["name"]) for r in names if r["role"] != "star"} <= known


@each_module
def test_bytes_at_a_name_are_the_name(name: str) -> None:
    """Spans of identifiers cut the identifier out of the file."""
    source, found = module(name)
    exact = found["ast_nodes"]["exact"]
    assert all(exact) or (COARSE and name == "test/test_fstring")
    names = [r for r in rows(found, "ast_names") if exact[r["node"]]]
    assert cuts(source.raw, names) == [r["text"] for r in names]
    attributes = [r for r in rows(found, "ast_attributes") if exact[r["node"]]]
    for cut, row in zip(cuts(source.raw, attributes, "name_"), attributes, strict=True):
        assert row["name"] in (cut, row["name"].removesuffix(cut) + cut)
    calls = [r for r in rows(found, "ast_calls") if exact[r["node"]] and r["name"] is not None]
    assert cuts(source.raw, calls, "callee_") == [r["name"] for r in calls]
    named = [r for r in rows(found, "ast_defs") if r["name_bstart"] is not None]
    assert cuts(source.raw, named, "name_") == [r["name"] for r in named]


@each_module
def test_expressions_inside_f_strings_parse_again_to_themselves(name: str) -> None:
    """The bytes of an expression in a replacement field are that expression."""
    source, extracted = module(name)
    found = rows(extracted, "ast_nodes")
    fields = {r["node"] for r in found if r["kind"] == "FormattedValue"}
    values = [r for r in found if r["parent"] in fields and r["field"] == "value" and r["exact"]]
    for row in values:
        text = source.raw[row["bstart"] : row["bend"]].decode()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            again = ast.parse(f"(\n{text}\n)", mode="eval").body
        assert type(again).__name__ == row["kind"], text


PIECES = st.sampled_from(
    ["plain ", "é", "{{", "}}", "{a}", "{a.b!r}", "{a:>9}", "{ü[0]:{w}.{p}}", "{f(x, y=1)}",
     "{a=}", "{ {'k': 1}['k'] }", "{'q' 'r'}", "{a if b else c!s:^3}", "{a,}", "{a !=b}"]
)  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from(['f"', 'rf"', '"', 'F"""']), st.lists(PIECES)), min_size=1)
)
def test_fields_of_an_f_string_are_where_they_were_written(
    strings: list[tuple[str, list[str]]],
) -> None:
    """Each replacement field has the span of its braces, whatever stands around it."""
    text = "(\n"
    fields: list[str] = []
    for opening, pieces in strings:
        gap = "\n" if opening.endswith('"""') else ""
        text += opening + gap.join(pieces) + opening.lstrip("rfF") + "  # c\n"
        if opening != '"':
            fields += [piece for piece in pieces if piece[0] == "{" != piece[1]]
    raw = f"{text})\n".encode()
    nodes = tables(raw)["ast_nodes"]
    joined = {row["node"] for row in nodes if row["field"] == "value" and row["parent"] == 1}
    found = [r for r in nodes if r["kind"] == "FormattedValue" and r["parent"] in joined]
    assert [raw[r["bstart"] : r["bend"]].decode() for r in found] == fields
    assert all(row["exact"] for row in nodes)


@pytest.mark.skipif(not COARSE, reason="from 3.12 on Python gives exact positions")
def test_what_the_trees_disagree_on_is_marked() -> None:
    """A piece whose place cannot be told has the span of what is around it, and says so."""
    raw = b'x = f"{a:=+{w}}" + b'
    inexact = [r for r in tables(raw)["ast_nodes"] if not r["exact"]]
    assert [r["kind"] for r in inexact] == ["Constant", "FormattedValue", "Name"]
    assert {raw[r["bstart"] : r["bend"]] for r in inexact} == {b":=+{w}"}


def test_other_extractors_see_the_same_tree_whoever_comes_first() -> None:
    """Exact places inside f-strings do not depend on which extractor ran before."""
    raw = b'def f(a):\n    return f"""{\n  a}{a.b!r:>{a}}"""\n'
    alone, after = Source(raw), Source(raw)
    extract(after)
    instructions = rows(bytecode.extract(alone), "instructions")
    assert instructions == rows(bytecode.extract(after), "instructions")


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_newlines_move_spans_and_nothing_else(newline: str) -> None:
    """A file with other newlines has the same rows, its spans cut the same text."""
    text = 'def f(a):\n    """One\n    two."""\n    return f"{a}", [\n        a.b for a in a]\n'
    raw, other = text.encode(), text.replace("\n", newline).encode()
    for table, plain in tables(raw).items():
        for row, moved in zip(plain, tables(other)[table], strict=True):
            for name, value in row.items():
                if name.endswith("bend"):
                    start = name.replace("bend", "bstart")
                    if value is not None:
                        cut = other[moved[start] : moved[name]].replace(newline.encode(), b"\n")
                        assert cut == raw[row[start] : value]
                elif not name.endswith("bstart"):
                    assert moved[name] == value


@pytest.mark.parametrize("codec", ["latin-1", "cp1252", "utf-8-sig", "iso8859-15"])
def test_spans_count_the_bytes_of_the_file(codec: str) -> None:
    """In a file of another codec, spans cut identifiers out of the bytes as they are stored."""
    raw = f"# coding: {codec}\nsüß = 'é'; x = süß.ñ\n".encode(codec)
    found = tables(raw)
    names = [raw[r["bstart"] : r["bend"]].decode(codec) for r in found["ast_names"]]
    assert names == ["süß", "x", "süß"]
    (row,) = found["ast_attributes"]
    assert raw[row["name_bstart"] : row["name_bend"]].decode(codec) == "ñ"


DEEP = {
    "parentheses": "(" * 100_000 + "x" + ")" * 100_000,
    "brackets": "[" * 100_000 + "]" * 100_000,
    "signs": "-" * 100_000 + "x",
    "lambdas": "lambda: " * 100_000 + "x",
    "attributes": "x" + ".a" * 100_000,
    "sums": "x" + " + x" * 100_000,
    "calls": "x" + "()" * 100_000,
}


@pytest.mark.parametrize("shape", DEEP)
def test_nesting_too_deep_for_python_is_an_error_row(shape: str) -> None:
    """What Python's parser refuses is said, and nothing crashes."""
    (row,) = errors(DEEP[shape] + "\n")
    assert row["error"] in ("SyntaxError", "RecursionError", "MemoryError")


@pytest.mark.parametrize(
    ("text", "kind"),
    [("x" + " < x" * 20_000, "Name"), ("x, " * 20_000, "Name"),
     ("@d\n" * 20_000 + "def f(): 0", "Name"),
     ("f'" + "{x}" * 10_000 + "'", "Name"), ("x = 1\n" * 20_000, "Assign"),
     ("def f(): global " + ", ".join(f"a{n}" for n in range(20_000)), "Global")],
    ids=["comparison", "tuple", "decorators", "fields", "lines", "globals"],
)  # fmt: skip
def test_wide_code_is_read_whole(text: str, kind: str) -> None:
    """Long lists of the same thing are all there."""
    found: Counter[str] = Counter(extract(Source(text.encode()))["ast_nodes"]["kind"])
    assert found[kind] == Counter(type(n).__name__ for n in ast.walk(ast.parse(text)))[kind]


def test_deep_nesting_that_python_reads_is_read() -> None:
    """Chains of attributes are cut in texts, not in rows."""
    found = tables("x" + ".a" * 300 + "\n")
    assert len(found["ast_attributes"]) == 300
    assert found["ast_attributes"][0]["base"] == "..." + ".a" * 16
    assert found["ast_attributes"][-1]["base"] == "x"


@pytest.mark.parametrize("text", ["", "# comment", "\n\n", "\f\n", "\ufeff"])
def test_files_without_code_are_modules(text: str) -> None:
    """Nothing but a module, over the whole file."""
    (row,) = tables(text)["ast_nodes"]
    assert (row["kind"], row["bstart"], row["bend"]) == ("Module", 0, len(text.encode()))


@pytest.mark.parametrize(
    ("raw", "error", "line", "column"),
    [
        (b"x = = 1\n", "SyntaxError", 1, 4),
        ("'é'; x = = 1\n".encode(), "SyntaxError", 1, 10),
        ("x = 1\n'é'; print 2\n".encode(), "SyntaxError", 2, 6),
    ],
)
def test_a_syntax_error_says_where(raw: bytes, error: str, line: int, column: int) -> None:
    """Lines count from 1, columns in bytes from 0."""
    (row,) = errors(raw)
    assert (row["phase"], row["error"], row["line"], row["column"]) == (
        "parse", error, line, column
    )  # fmt: skip


def test_errors_after_parsing_count_bytes_already() -> None:
    """What the compiler refuses has its place in bytes from the interpreter itself."""
    (row,) = errors("'é'; return 1\n", "bytecode")
    assert (row["line"], row["column"]) == (1, 6)


@pytest.mark.parametrize(
    "raw",
    [b"x = 1\0\n", b"x = '\xff'\n", b"# coding: nonsense\n", b"# coding: utf-7\n'+AGEAYg-'\n"],
)
def test_bytes_that_are_no_text_are_an_error_row(raw: bytes) -> None:
    """NUL bytes, odd bytes, unknown cookies, and codecs without bytes for each character."""
    (row,) = errors(raw)
    assert row["error"] in ("SyntaxError", "ValueError")


def test_a_chain_of_files_is_told_apart() -> None:
    """Rows of several files carry the place of their file among them."""
    found = run_many(["ast"], [b"a\n", b"b = = 1\n", b"c; d\n"])["ast"].tables
    names = found["ast_names"].select(["file_no", "text"]).to_pylist()
    assert [(r["file_no"], r["text"]) for r in names] == [(0, "a"), (2, "c"), (2, "d")]
    assert found["extraction_errors"]["file_no"].to_pylist() == [1]
