"""Finds modules for the resolver: files of the store first, then the library and what is installed.

What lies outside is read as source, never imported; only its definitions and annotations count.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg import extract
from codeanatomy.cpg.evidence import VALUE_STEPS
from codeanatomy.cpg.extract._source import Source
from codeanatomy.cpg.resolve.program import Unit, fill
from codeanatomy.kernel.catalog import load

if TYPE_CHECKING:
    from codeanatomy.cpg.link.search import Unit as Named
    from codeanatomy.cpg.link.statements import Statements
    from codeanatomy.cpg.outside.outside import Outside

    Rows = list[tuple[Any, ...]]

MOST_BYTES = 4 << 20  # of one source outside the store


@lru_cache(maxsize=512)
def _rows(raw: bytes) -> tuple[Rows, Rows] | None:
    """Return the bodies and steps of a source, once a process; None where it cannot be parsed."""
    try:
        found: tuple[Rows, Rows] = load(extract, VALUE_STEPS.producer, "steps_of")(Source(raw))
    except (SyntaxError, ValueError, RecursionError):
        return None
    return found


class StoreFinder:
    """Modules of a store, and of what lies outside it."""

    def __init__(self, statements: Statements, outside: Outside) -> None:
        """Take what finds the modules of statements, and what finds those outside."""
        self._statements, self._outside = statements, outside
        self._packages: dict[tuple[int, str], Named | None] = {}

    def store(self, file_no: int, dotted: str, level: int) -> tuple[str, tuple[int, ...]] | None:
        """Return the absolute name and the files of a module of the store; files may be none."""
        named = self._statements.module(file_no, dotted, level)
        if named.unit is None:
            return None
        self._packages[file_no, named.unit.name] = named.unit
        return named.unit.name, named.unit.files

    def child(self, file_no: int, dotted: str, name: str) -> tuple[str, tuple[int, ...]] | None:
        """Return a module directly in a package of the store."""
        unit = self._packages.get((file_no, dotted))
        if unit is None:
            unit = self._statements.own(file_no)
            if unit.name != dotted:
                unit = self._statements.module(file_no, dotted).unit
        found = self._statements.submodule(unit, name) if unit is not None else None
        if found is None:
            return None
        self._packages[file_no, found.name] = found
        return found.name, found.files

    def absolute(self, file_no: int, dotted: str, level: int) -> str:
        """Return the absolute name that a statement means, where the store has no such module."""
        named = self._statements.module(file_no, dotted, level)
        return named.dotted if named.outside else ""

    def outside(self, dotted: str) -> Unit | None:
        """Return a module outside the store, read; None where there is none to read."""
        found = self._outside.find(dotted)
        if found is None or found.path is None:
            return None
        raw = found.read()
        if len(raw) > MOST_BYTES:
            return None
        rows = _rows(raw)
        if rows is None:
            return None
        bodies, steps = rows
        unit = Unit(0, dotted, "", is_package=found.is_package)
        unit.stub = True
        fill(unit, bodies, steps)
        return unit
