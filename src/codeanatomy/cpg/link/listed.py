"""What `__all__` lists, once everything that changes it is taken in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from codeanatomy.cpg.link.index import Import, Index
    from codeanatomy.cpg.link.index import Listed as Row
    from codeanatomy.cpg.link.search import Unit
    from codeanatomy.cpg.link.statements import Statements


_OTHERS = ("from", "list")  # `m.__all__`, and a name that an import gives to such a list


class Listing(NamedTuple):
    """The names that a module's `__all__` lists, each with the span that lists it."""

    names: dict[str, tuple[int, int]]
    unknown: tuple[tuple[int, int], ...]  # spans of what only a run can tell


def listings(index: Index, statements: Statements) -> dict[int, Listing]:
    """Return the listing of every file that has an `__all__`; others have none.

    A module's list may hold another module's: those are taken first. A list that holds itself
    through others is unknown at that point.
    """
    done: dict[int, Listing] = {}
    for first in index.listed:
        pending = [first]
        open_ = {first}
        while pending:
            file_no = pending[-1]
            needed = [
                other
                for row in index.listed[file_no]
                if row.operation in _OTHERS
                for other in _other(index, statements, row)
                if other in index.listed and other not in done and other not in open_
            ]
            if needed:
                pending.append(needed[0])
                open_.add(needed[0])
            else:
                done.setdefault(file_no, _listing(index, statements, done, file_no))
                pending.pop()
    return done


def _listing(
    index: Index, statements: Statements, done: dict[int, Listing], file_no: int
) -> Listing:
    names: dict[str, tuple[int, int]] = {}
    unknown: list[tuple[int, int]] = []
    for row in index.listed[file_no]:
        span = (row.bstart, row.bend)
        if row.operation in _OTHERS:
            others = [done[other] for other in _other(index, statements, row) if other in done]
            for other in others:
                for name in other.names:
                    names.setdefault(name, span)
            if not others or others[0].unknown:
                unknown.append(span)
        elif row.operation == "dynamic" or row.name is None:
            unknown.append(span)
        elif row.operation == "remove":
            names.pop(row.name, None)
        elif row.name:
            names.setdefault(row.name, span)
    return Listing(names, tuple(unknown))


def _other(index: Index, statements: Statements, row: Row) -> list[int]:
    """Return the file whose `__all__` is meant by `m.__all__`, or by a name for it, if known."""
    if row.operation == "list":
        bound = index.bound(row.file_no, row.name or "")
        taken = index.imports.get(bound.nid) if bound else None
        named = statements.named(taken) if taken and taken.name == "__all__" else None
        return list(named.unit.files[:1]) if named and named.unit else []
    first, *rest = (row.name or "").split(".")
    unit = _meant(index, statements, row.file_no, first)
    for part in rest:
        unit = statements.submodule(unit, part) if unit else None
    return list(unit.files[:1]) if unit else []


def _meant(index: Index, statements: Statements, file_no: int, name: str) -> Unit | None:
    """Return the module that a name of a module means: one it imports, or one below it."""
    bound = index.bound(file_no, name)
    if bound is None:
        return statements.submodule(statements.own(file_no), name)
    row = index.imports.get(bound.nid)
    return _imported(statements, row) if row is not None else None


def _imported(statements: Statements, row: Import) -> Unit | None:
    if row.name is None:
        whole = row.asname is not None
        dotted = row.module if whole else row.module.partition(".")[0]
        return statements.module(row.file_no, dotted).unit
    named = statements.named(row)
    return statements.submodule(named.unit, row.name) if named.unit else None
