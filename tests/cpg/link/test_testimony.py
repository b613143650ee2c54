"""What witnesses say that calls run has one form, whoever says it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from codeanatomy.cpg import evidence
from codeanatomy.cpg.link.testimony import TARGETS, witness_targets
from tests.indexes import PREFIX

F, C = PREFIX + "`a.b`/f().", PREFIX + "`a.b`/C#"
PRINT = "scip-python python python-stdlib 3.11 builtins/print()."


def calls(*rows: tuple[int, int, int, int | None, int | None]) -> pa.Table:
    """Make `ast_calls`: file, span, and the span of the callee's last identifier."""
    names = ("file_no", "bstart", "bend", "callee_bstart", "callee_bend")
    kind = pa.schema([pa.field(name, pa.int32()) for name in names])
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], kind)


def occurrences(*rows: tuple[int, int, int, str, int]) -> pa.Table:
    """Make `scip_occurrences`: file, span, symbol and roles."""
    names = ("file_no", "bstart", "bend", "symbol", "roles")
    schema = evidence.SCIP_OCCURRENCES.arrow()
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema)


def checked(*rows: dict[str, Any]) -> pa.Table:
    """Make `type_calls`; what a row does not say is that of a plain call."""
    plain = {"file_no": 1, "bstart": 0, "bend": 6, "kind": "call", "role": "call",
             "overridden": False}  # fmt: skip
    return pa.Table.from_pylist([{**plain, **row} for row in rows], evidence.TYPE_CALLS.arrow())


def said(**tables: pa.Table) -> list[tuple[Any, ...]]:
    """Return the rows, without the overrides."""
    found = witness_targets(tables)
    assert found.schema == TARGETS
    return [tuple(row.values())[:-1] for row in found.to_pylist()]


def test_a_symbol_on_a_callee_is_its_target() -> None:
    """With its definition, if one is in the store; a class is called as a class."""
    found = said(
        ast_calls=calls((1, 0, 6, 2, 3), (1, 10, 20, 10, 15), (1, 30, 33, 30, 31)),
        scip_occurrences=occurrences(
            (2, 4, 5, F, 1), (2, 50, 51, C, 1), (1, 2, 3, F, 8), (1, 10, 15, PRINT, 8),
            (1, 30, 31, C, 8),
        ),
    )  # fmt: skip
    assert found == [
        ("scip", 1, 2, 3, "call", "call", "a.b.f", "function", 2, 4, 5),
        ("scip", 1, 10, 15, "call", "call", "builtins.print", "function", None, None, None),
        ("scip", 1, 30, 31, "call", "call", "a.b.C", "class", 2, 50, 51),
    ]


def test_a_symbol_elsewhere_or_of_a_value_says_nothing_of_a_call() -> None:
    """A reference that is not called, a variable, a local, and a definition on the spot."""
    found = said(
        ast_calls=calls((1, 0, 6, 2, 3)),
        scip_occurrences=occurrences(
            (1, 8, 9, F, 8), (1, 2, 4, F, 8), (2, 2, 3, F, 8), (1, 2, 3, F, 1),
            (1, 2, 3, PREFIX + "a/x.", 8), (1, 2, 3, "local 1", 8),
        ),
    )  # fmt: skip
    assert found == []


def test_the_first_of_several_definitions_is_named() -> None:
    """An overloaded function is defined more than once."""
    places = [(2, 90, 91, F, 1), (2, 4, 5, F, 1), (3, 1, 2, F, 1), (1, 2, 3, F, 8)]
    (found,) = said(ast_calls=calls((1, 0, 6, 2, 3)), scip_occurrences=occurrences(*places))
    assert found[-3:] == (2, 4, 5)


def test_a_checked_call_stands_on_its_callee() -> None:
    """By the span of the whole call; other kinds stand where they are."""
    ours = {"target": "a.f", "target_file": 2, "target_bstart": 4, "target_bend": 5}
    found = said(
        ast_calls=calls((1, 0, 6, 2, 3), (1, 10, 20, None, None)),
        type_calls=checked(
            ours,
            {"bstart": 10, "bend": 20, "target": "a.g"},
            {"bstart": 30, "bend": 35, "kind": "binary", "target": "a.C.__add__"},
        ),
    )
    assert found == [
        ("pyrefly", 1, 2, 3, "call", "call", "a.f", "function", 2, 4, 5),
        ("pyrefly", 1, 30, 35, "binary", "call", "a.C.__add__", "function", None, None, None),
    ]


def test_what_object_makes_is_the_class() -> None:
    """No `__init__` of the class runs; where the class is not known there is no row."""
    who = {"receiver": "a.C", "receiver_file": 2, "receiver_bstart": 6, "receiver_bend": 7}
    found = said(
        ast_calls=calls((1, 0, 6, 0, 1)),
        type_calls=checked(
            {"role": "init", "target": "builtins.object.__init__", **who},
            {"role": "new", "target": "builtins.object.__new__"},
        ),
    )
    assert found == [("pyrefly", 1, 0, 1, "call", "init", "a.C", "class", 2, 6, 7)]


def test_an_override_is_told() -> None:
    """The checker says where one may run in its place."""
    tables = {
        "ast_calls": calls((1, 0, 6, 0, 1)),
        "type_calls": checked({"target": "a.C.f", "overridden": True}),
    }
    assert witness_targets(tables)["overridden"].to_pylist() == [True]


def test_no_witness_says_nothing() -> None:
    """There are columns all the same."""
    assert said(ast_calls=calls((1, 0, 6, 0, 1))) == []
