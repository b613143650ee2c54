"""What ran in a small program is told in spans of its source."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

from benchmarks.tracing.settle import Row, settle

TRACER = Path(__file__).resolve().parents[2] / "benchmarks" / "tracing"
pytestmark = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="positions and events are those of CPython 3.11"
)


@pytest.fixture
def ran(tmp_path: Path) -> Callable[[str], list[tuple[str, ...]]]:
    """Run a program under the tracer; answer rows as (caller, site, text, event, callee)."""

    def run(program: str) -> list[tuple[str, ...]]:
        root = tmp_path / "root"
        root.mkdir()
        (root / "program.py").write_text(program, "utf-8")
        subprocess.run(
            [sys.executable, "-c", "import call_tracer, program"], cwd=root, check=True,
            env={**os.environ, "PYTHONPATH": f"{TRACER}{os.pathsep}{root}",
                 "TRACE_ROOT": str(root), "TRACE_OUTPUT": str(tmp_path / "raw.json")},
        )  # fmt: skip
        rows, unplaced = settle(root, tmp_path / "raw.json")
        assert unplaced == []
        return [shown(row, program) for row in rows]

    return run


def shown(row: Row, program: str) -> tuple[str, ...]:
    """Show a row with its place as text."""
    text = program.encode()[row.site_start : row.site_end].decode()
    return row.caller, row.site, text, row.event, row.callee


def test_a_call_has_the_span_of_its_expression(ran: Callable[..., list[tuple[str, ...]]]) -> None:
    """Also where the instruction starts at the last attribute, on another line."""
    program = """\
class A:
    def me(self):
        return self
def f(a):
    return (a
            .me()
            .me())
f(A())
"""
    assert [row for row in ran(program) if row[3] == "call"] == [
        ("f", "call", "a\n            .me()", "call", "A.me"),
        ("f", "call", "a\n            .me()\n            .me()", "call", "A.me"),
        ("<module>", "call", "f(A())", "call", "f"),
    ]


def test_a_decorator_is_called_and_then_applied(ran: Callable[..., list[tuple[str, ...]]]) -> None:
    """The two calls of one expression are told apart."""
    program = """\
def d(n):
    def apply(f):
        return f
    return apply
@d(1)
def f(): pass
"""
    assert ran(program) == [
        ("<module>", "call", "d(1)", "call", "d"),
        ("<module>", "decorator", "d(1)", "call", "d.<locals>.apply"),
    ]


def test_a_comprehension_counts_for_its_function(
    ran: Callable[..., list[tuple[str, ...]]],
) -> None:
    """What a comprehension calls is called by the function around it."""
    program = """\
def g(x): return x
def f(): return [g(x) for x in (1,)]
f()
"""
    assert ("f", "call", "g(x)", "call", "g") in ran(program)


def test_a_function_called_by_one_in_c_counts_for_the_nearest_frame(
    ran: Callable[..., list[tuple[str, ...]]],
) -> None:
    """`sorted` calls a lambda: both at the call of `sorted`."""
    program = "def f():\n    return sorted([2, 1], key=lambda v: -v)\nf()\n"
    text = "sorted([2, 1], key=lambda v: -v)"
    assert [row for row in ran(program) if row[0] == "f"] == [
        ("f", "call", text, "c_call", "sorted"),
        ("f", "call", text, "call", "f.<locals>.<lambda>"),
    ]


def test_a_function_called_by_way_of_code_outside_is_told_as_such(
    ran: Callable[..., list[tuple[str, ...]]],
) -> None:
    """`contextlib` enters the generator: the row says so, and a resumption says what it is."""
    program = """\
import re
def found(match): return ""
def f(): return re.sub("a", found, "a")
f()
"""
    rows = [row for row in ran(program) if row[0] == "f"]
    assert ("f", "call", 're.sub("a", found, "a")', "through", "found") in rows


def test_the_call_of_a_generator_is_found_where_it_is_used(
    ran: Callable[..., list[tuple[str, ...]]],
) -> None:
    """A loop and an `await` say where; one kept in a variable is only seen to go on."""
    program = """\
def g(): yield 1
async def inner(): return 1
async def outer(): return await inner()
def f():
    for x in g(): pass
    kept = g()
    next(kept)
    try: outer().send(None)
    except StopIteration: pass
f()
"""
    created = [row for row in ran(program) if row[3] == "create"]
    assert sorted(created) == [
        ("f", "call", "g()", "create", "g"),
        ("outer", "call", "inner()", "create", "inner"),
    ]


def test_syntax_that_runs_code_is_an_implicit_place(
    ran: Callable[..., list[tuple[str, ...]]],
) -> None:
    """A property, an operator and a subscript, each with its own span."""
    program = """\
class A:
    def __add__(self, other): return 1
    def __getitem__(self, key): return 1
    @property
    def p(self): return 1
def f(a):
    a + 1
    a[0]
    a.p
f(A())
"""
    assert [row[2:] for row in ran(program) if row[1] == "implicit" and row[0] == "f"] == [
        ("a + 1", "call", "A.__add__"),
        ("a[0]", "call", "A.__getitem__"),
        ("a.p", "call", "A.p"),
    ]


def test_an_iterator_made_by_a_generator_is_an_implicit_call(
    ran: Callable[..., list[tuple[str, ...]]],
) -> None:
    """A loop calls `__iter__` of what it goes over, not what made that."""
    program = """\
class A:
    def __iter__(self): yield 1
def f():
    for x in A(): pass
    list(A())
f()
"""
    assert [row for row in ran(program) if row[3] == "create"] == [
        ("f", "implicit", "A()", "create", "A.__iter__"),
        ("f", "call", "list(A())", "create", "A.__iter__"),
    ]
