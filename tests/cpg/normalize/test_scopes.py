"""Scopes of two witnesses: the tree's numbers put on the symbol table's rows, in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.cpg.evidence import AST_SCOPES, SCOPE_SYMBOLS, SCOPES
from codeanatomy.cpg.extract import run_one
from codeanatomy.cpg.normalize.scopes import align

if TYPE_CHECKING:
    from codeanatomy.kernel.schema import Table

# Scopes that differ by name, by line, by kind, and not at all: the last two stand on one line.
SOURCE = b"""\
def f(a):
    b = a
    def f(): return a
    class g: x = [a for a in b]
    return [i for i in b], (j for j in b), lambda: b
def f(c): return c
m, n = (lambda p: p), (lambda q: q)
"""
PLACES = ("file_no", "scope", "name", "class", "owner")


def evidence(file_no: int = 1) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Read the source as both witnesses do, as file `file_no`."""
    tree, table = run_one("ast", SOURCE), run_one("symtable", SOURCE)
    return (
        _numbered(AST_SCOPES, tree["ast_scopes"], file_no),
        _numbered(SCOPES, table["scopes"], file_no),
        _numbered(SCOPE_SYMBOLS, table["scope_symbols"], file_no),
    )


def _numbered(table: Table, rows: pa.Table, file_no: int) -> pa.Table:
    numbers = pa.array([file_no] * len(rows), pa.int32())
    names = [c.name for c in table.columns if c.name != "repo"]
    return rows.append_column("file_no", numbers).select(names)


def permuted(scopes: pa.Table, symbols: pa.Table, order: list[int]) -> tuple[pa.Table, pa.Table]:
    """Give the symbol table's scopes new numbers: i becomes order[i]; rows are in that order."""
    renamed = [
        {**row, "scope": order[row["scope"]],
         "parent": None if row["parent"] is None else order[row["parent"]]}
        for row in scopes.to_pylist()
    ]  # fmt: skip
    meant = [
        {**row, "scope": order[row["scope"]], "owner": order[row["owner"]]}
        for row in symbols.to_pylist()
    ]
    renamed.sort(key=lambda row: row["scope"])
    meant.sort(key=lambda row: (row["scope"], row["name"]))
    return (
        pa.Table.from_pylist(renamed, scopes.schema),
        pa.Table.from_pylist(meant, symbols.schema),
    )


def rows(table: pa.Table) -> list[tuple[Any, ...]]:
    """List what `align` promises, in one order."""
    return sorted(zip(*(table[c].to_pylist() for c in PLACES), strict=True))


def test_equal_numbers_are_left_alone() -> None:
    """Where both witnesses count alike, the symbol table's rows come out as they are."""
    tree, scopes, symbols = evidence()
    assert rows(align(tree, scopes, symbols)) == rows(symbols)


@given(st.permutations(range(1, 11)))
def test_another_order_of_scopes_gives_the_same_rows(order: list[int]) -> None:
    """Scopes numbered in any order are matched by kind, name and line; equals keep their order."""
    tree, scopes, symbols = evidence()
    whole = _equals_in_order([0, *order])
    theirs = permuted(scopes, symbols, whole)
    assert rows(align(tree, *theirs)) == rows(symbols)


def _equals_in_order(order: list[int]) -> list[int]:
    """Keep the two lambdas of the last line, scopes 9 and 10, in order: nothing else tells them."""
    order[9], order[10] = sorted(order[9:11])
    return order


def test_the_source_has_eleven_scopes_of_which_two_are_alike() -> None:
    """The permutations above are over every scope but the module's."""
    _, scopes, _ = evidence()
    shapes = list(zip(*(scopes[c].to_pylist() for c in ("kind", "name", "line")), strict=True))
    assert len(shapes) == 11
    assert shapes[9] == shapes[10] == ("lambda", "lambda", 7)
    assert len(set(shapes)) == 10


def test_files_are_matched_apart() -> None:
    """One file out of order does not disturb another that counts alike."""
    one, two = evidence(1), evidence(2)
    mixed = permuted(two[1], two[2], [0, 10, 9, 8, 7, 6, 5, 4, 3, 1, 2])
    joined = [pa.concat_tables([a, b]) for a, b in zip(one, (two[0], *mixed), strict=True)]
    expected = rows(one[2]) + rows(two[2])
    assert rows(align(*joined)) == expected


def test_a_name_still_means_the_scope_that_owns_it() -> None:
    """Owners move with their scopes: the inner `a` is free and means the outer function's."""
    tree, scopes, symbols = evidence()
    theirs = permuted(scopes, symbols, [0, 10, 9, 8, 7, 6, 5, 4, 3, 1, 2])
    found = [r for r in align(tree, *theirs).to_pylist() if (r["scope"], r["name"]) == (2, "a")]
    assert [(r["class"], r["owner"]) for r in found] == [("free", 1)]
