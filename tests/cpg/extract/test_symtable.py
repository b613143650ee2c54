"""The symbol table's rows against the interpreter's public `symtable`, and against its compiler."""

from __future__ import annotations

import ast
import re
import symtable
import sys
import sysconfig
import warnings
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.cpg.extract._source import Source
from codeanatomy.cpg.extract.symtable import extract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

MELTS = sys.version_info >= (3, 12)
SKIPPED = ast.ListComp | ast.SetComp | ast.DictComp
FLAGS = {
    "referenced": "is_referenced",
    "imported": "is_imported",
    "parameter": "is_parameter",
    "global": "is_global",
    "declared_global": "is_declared_global",
    "nonlocal": "is_nonlocal",
    "local": "is_local",
    "annotated": "is_annotated",
    "free": "is_free",
    "assigned": "is_assigned",
}


def rows(text: str | bytes, table: str = "scope_symbols") -> list[dict[str, Any]]:
    """Extract one table as a list of rows."""
    raw = text.encode() if isinstance(text, str) else text
    columns = extract(Source(raw))[table]
    lists = [getattr(c, "tolist", lambda c=c: c)() for c in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)]


def library(every: int) -> Iterator[tuple[str, str]]:
    """Yield some of the standard library's modules that Python's own table shows whole."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    paths = sorted(p for p in folder.rglob("*.py") if "site-packages" not in p.parts)
    for path in paths[::every]:
        try:
            text = path.read_text("utf-8")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(path.read_bytes())
                compile(tree, "<test>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, UnicodeError):
            continue
        if "import annotations" in text:
            continue
        if MELTS and any(isinstance(node, SKIPPED) for node in ast.walk(tree)):
            continue
        yield path.name, text


def public(text: str) -> list[tuple[symtable.SymbolTable, int | None]]:
    """List the public tables outermost first, with the number of the one around."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        top = symtable.symtable(text, "<test>", "exec")
    found: list[tuple[symtable.SymbolTable, int | None]] = []

    def walk(table: symtable.SymbolTable, parent: int | None) -> None:
        number = len(found)
        found.append((table, parent))
        for child in table.get_children():
            walk(child, number)

    walk(top, None)
    return found


def test_the_library_reads_as_the_public_symbol_table_says() -> None:
    """Scopes, parents, names and every flag are those of `symtable`."""
    checked = 0
    for name, text in library(20):
        tables = public(text)
        scopes = rows(text, "scopes")
        assert [(s["name"], s["line"], s["parent"]) for s in scopes] == [
            (t.get_name(), t.get_lineno(), parent) for t, parent in tables
        ], name
        said: dict[tuple[int, str], symtable.Symbol] = {}
        for number, (table, _) in enumerate(tables):
            if table.get_name() == "top" and number:
                continue  # the public table takes any function called `top` for a module
            said |= {(number, n): table.lookup(n) for n in table.get_identifiers()}
        for row in rows(text):
            symbol = said.get((row["scope"], row["name"]))
            if symbol is not None:
                expected = {ours: getattr(symbol, theirs)() for ours, theirs in FLAGS.items()}
                assert {flag: row[flag] for flag in FLAGS} == expected, (name, row)
                checked += 1
        assert len(said) <= len(rows(text))
    assert checked > 1000


def test_the_lists_of_a_scope_are_those_of_the_public_function() -> None:
    """Parameters, locals, globals, nonlocals and frees equal `symtable.Function`'s, as sets."""
    checked = 0
    for name, text in library(40):
        for scope, (table, _) in zip(rows(text, "scopes"), public(text), strict=True):
            if isinstance(table, symtable.Function):
                assert tuple(scope["parameters"]) == table.get_parameters(), name
                for column in ("locals", "globals", "nonlocals", "frees"):
                    assert scope[column] == sorted(getattr(table, f"get_{column}")()), name
                checked += 1
    assert checked > 100


def code_objects(code: CodeType) -> Iterator[CodeType]:
    """Yield a code object and those inside it."""
    yield code
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            yield from code_objects(constant)


def closures(text: str) -> Counter[tuple[str, frozenset[str], frozenset[str]]]:
    """Derive, from the owners alone, which cells each scope must make and which it must take."""
    scopes = rows(text, "scopes")
    cells: dict[int, set[str]] = defaultdict(set)
    frees: dict[int, set[str]] = defaultdict(set)
    for row in rows(text):
        if row["class"] == "free":
            cells[row["owner"]].add(row["name"])
            at = row["scope"]
            while at != row["owner"]:
                frees[at].add(row["name"])
                at = scopes[at]["parent"]
    return Counter(
        (s["name"], frozenset(cells[s["scope"]]), frozenset(frees[s["scope"]])) for s in scopes
    )


def test_owners_predict_every_closure_that_the_compiler_makes() -> None:
    """Each code object's cell and free variables follow from who owns which free name."""
    compiled = 0
    for name, text in library(20):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(text, "<test>", "exec", dont_inherit=True)
        made: Counter[tuple[str, frozenset[str], frozenset[str]]] = Counter()
        for one in code_objects(code):
            called = re.sub(r"^<generic parameters of (.*)>$|^<(.*)>$", r"\1\2", one.co_name)
            called = "top" if one is code else called
            made[called, frozenset(one.co_cellvars), frozenset(one.co_freevars)] += 1
        assert made - closures(text) == Counter(), name
        compiled += made.total()
    assert compiled > 1000


def test_each_comprehension_is_a_scope_of_its_own_on_every_interpreter() -> None:
    """The library has as many comprehension scopes as its trees have comprehensions."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    for module in ("ast", "dis", "inspect", "typing", "dataclasses", "argparse", "enum"):
        text = (folder / f"{module}.py").read_text("utf-8")
        kinds = [s["kind"] for s in rows(text, "scopes")]
        nodes = Counter(type(node) for node in ast.walk(ast.parse(text)))
        written = sum(nodes[t] for t in (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp))
        assert kinds.count("comprehension") == written, module


def test_no_name_stands_for_how_a_comprehension_was_read() -> None:
    """Every way of writing a comprehension keeps its names, kind and line."""
    text = (
        "def f(y):\n"
        "    a = {(k): lambda: v  # : for\n"
        "         for k, v in y if k}\n"
        "    return [x for x in {(z) for z in y}], f'{[q for q in y]}'\n"
    )
    found = [(s["name"], s["line"], s["locals"]) for s in rows(text, "scopes")[2:]]
    assert found == [
        ("dictcomp", 2, [".0", "k", "v"]),
        ("lambda", 2, []),
        ("setcomp", 4, [".0", "z"]),
        ("listcomp", 4, [".0", "x"]),
        ("listcomp", 4, [".0", "q"]),
    ]


def test_a_cookie_does_not_change_what_the_text_says() -> None:
    """The text is decoded once; the cookie in it is then a comment."""
    raw = "# -*- coding: latin-1 -*-\ndéjà = 1\n".encode("latin-1")
    assert [row["name"] for row in rows(raw)] == ["déjà"]


def test_bytes_that_do_not_decode_raise_what_python_raises() -> None:
    """There is no symbol table of bytes that are no text."""
    with pytest.raises(SyntaxError):
        rows(b"x = '\xff'\n")


def test_deep_nesting_raises_or_reads_but_never_crashes() -> None:
    """A thousand lambdas in one another are more than Python's own limit, and no more than that."""
    with pytest.raises((SyntaxError, RecursionError, MemoryError)):
        rows("x = " + "lambda: " * 100_000 + "1\n")
