"""Resolves the sources of a small program without a build: what its run says of itself."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

from codeanatomy.cpg.extract._source import Source
from codeanatomy.cpg.extract.values import steps_of
from codeanatomy.cpg.observe.workers import on_a_deep_stack
from codeanatomy.cpg.outside.outside import Outside
from codeanatomy.cpg.resolve.answers import answers
from codeanatomy.cpg.resolve.program import Unit, fill
from codeanatomy.cpg.resolve.resolve import DEEP
from codeanatomy.cpg.resolve.waves import solve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from codeanatomy.cpg.resolve.resolver import Resolver


class Files:
    """Finds modules among the files of a program, and the library's stubs."""

    def __init__(self, units: list[Unit]) -> None:
        """Take the files; their places in the list count from one."""
        self._units = units
        self._numbers = {unit.module: unit.file_no for unit in units}

    def store(self, file_no: int, dotted: str, level: int) -> tuple[str, tuple[int, ...]] | None:
        """Return the absolute name and the file of a module of the program."""
        name = self.absolute(file_no, dotted, level)
        if name in self._numbers:
            return name, (self._numbers[name],)
        folder = any(known.startswith(f"{name}.") for known in self._numbers)
        return (name, ()) if folder else None

    def child(self, file_no: int, dotted: str, name: str) -> tuple[str, tuple[int, ...]] | None:
        """Return a module directly in a package of the program."""
        return self.store(file_no, f"{dotted}.{name}", 0)

    def absolute(self, file_no: int, dotted: str, level: int) -> str:
        """Return the absolute name that a statement means."""
        if not level:
            return dotted
        unit = self._units[file_no - 1]
        parts = unit.module.split(".")
        above = parts[: len(parts) - level + unit.is_package]
        return ".".join([*above, *([dotted] if dotted else [])])

    def outside(self, dotted: str) -> Unit | None:
        """Return a module of the standard library, from its stub."""
        rows = _library(dotted)
        if rows is None:
            return None
        unit = Unit(0, dotted, "", is_package=rows[0])
        unit.stub = True
        fill(unit, *rows[1])
        return unit


def solved(files: Mapping[str, str]) -> Resolver:
    """Resolve a program; its modules are named by their paths."""
    units = [_unit(number, path, text) for number, (path, text) in enumerate(files.items(), 1)]
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(DEEP)
    try:
        return on_a_deep_stack(lambda given: solve(given, Files(given)), units)
    finally:
        sys.setrecursionlimit(before)


def told(r: Resolver) -> tuple[set[tuple[int, int]], dict[tuple[int, int], str]]:
    """Return the places of calls that have targets, and of those that are open with the reason."""
    found = answers(r)
    return {t.spot for t in found.targets}, {o.spot: o.reason for o in found.open}


def _unit(number: int, path: str, text: str) -> Unit:
    package = path.endswith("__init__.py")
    module = path.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
    unit = Unit(0, module, path, is_package=package)
    unit.file_no = number
    fill(unit, *steps_of(Source(text.encode())))
    return unit


@cache
def _library(dotted: str) -> tuple[bool, Any] | None:
    found = Outside(None, sys.version_info[:2]).find(dotted)
    if found is None or found.path is None:
        return None
    return found.is_package, steps_of(Source(found.read()))
