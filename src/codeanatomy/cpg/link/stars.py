"""Names that star imports bring into modules, followed through modules that star import others."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codeanatomy.cpg.link.index import Index
    from codeanatomy.cpg.link.listed import Listing
    from codeanatomy.cpg.link.search import Unit
    from codeanatomy.cpg.link.statements import Statements


class Stars:
    """Which name of a module comes from which star import.

    `given[file][name]` is the module that a name comes from; the last star import wins. `open`
    holds the files where a star import may bring names that are not known.
    """

    def __init__(
        self,
        index: Index,
        statements: Statements,
        listings: Mapping[int, Listing],
        unknown: frozenset[int],
    ) -> None:
        self._index = index
        self._statements = statements
        self._listings = listings
        self.given: dict[int, dict[str, Unit]] = {}
        self.open: set[int] = set()
        self._unknown = unknown
        sources: dict[int, list[Unit | None]] = defaultdict(list)
        rows = [row for row in index.imports.values() if row.star]
        for row in sorted(rows, key=lambda row: (row.file_no, row.bstart)):
            sources[row.file_no].append(statements.named(row).unit)
        self.below = _imported_below(index, statements)
        self._solve(sources)

    def _solve(self, sources: Mapping[int, list[Unit | None]]) -> None:
        """Take sources first: one pass is enough but for circles, which repeat until stable."""
        order = _sources_first(sources)
        changed = self._pass(order, sources, repeated=False)
        for _ in order:
            if not changed or not _has_circle(order, sources):
                return
            changed = self._pass(order, sources, repeated=True)

    def _pass(
        self, order: list[int], sources: Mapping[int, list[Unit | None]], *, repeated: bool
    ) -> bool:
        """Bring names into every file once; say whether anything changed."""
        changed = False
        for file_no in order:
            new = self._brought(file_no, sources[file_no], repeated=repeated)
            opened = file_no not in self.open and any(map(self._is_open, sources[file_no]))
            if opened:
                self.open.add(file_no)
            changed = changed or opened or new != self.given.get(file_no, {})
            self.given[file_no] = new
        return changed

    def _brought(
        self, file_no: int, sources: Iterable[Unit | None], *, repeated: bool
    ) -> dict[str, Unit]:
        """Collect what stars bring; what a file brought others before is not brought back to it."""
        new: dict[str, Unit] = {}
        for unit in sources:
            if unit is not None and unit.files and unit.files[0] != file_no:
                source = unit.files[0]
                for name in self._offered(source):
                    if self._imported_from(source, name, file_no):
                        continue
                    if not repeated or not self._borrowed(source, name, file_no):
                        new[name] = unit
        return new

    def _imported_from(self, file_no: int, name: str, borrower: int) -> bool:
        """Whether a module has a name by an import of it from the one that is about to take it."""
        bound = self._index.bound(file_no, name)
        row = self._index.imports.get(bound.nid) if bound is not None else None
        if row is None or row.name != name:
            return False
        unit = self._statements.named(row).unit
        return unit is not None and borrower in unit.files

    def _offered(self, file_no: int) -> list[str]:
        listing = self._listings.get(file_no)
        if listing is not None:
            return list(listing.names)
        names = [
            *self._index.scopes.get(file_no << 32, ()),
            *self.given.get(file_no, ()),
            *self.below.get(file_no, ()),
        ]
        return [name for name in names if not name.startswith("_")]

    def _borrowed(self, file_no: int, name: str, borrower: int) -> bool:
        """Whether a module has a name only from the one that is about to take it."""
        seen = set()
        while self._index.bound(file_no, name) is None and file_no not in seen:
            seen.add(file_no)
            unit = self.given.get(file_no, {}).get(name)
            if unit is None:
                return False
            file_no = unit.files[0]
            if file_no == borrower:
                return True
        return file_no in seen

    def _is_open(self, unit: Unit | None) -> bool:
        """Whether a star import of a module may bring names that are not known."""
        if unit is None:
            return True
        if not unit.files:
            return False
        listing = self._listings.get(unit.files[0])
        if listing is not None:
            return bool(listing.unknown)
        return unit.files[0] in self.open or unit.files[0] in self._unknown


def _imported_below(index: Index, statements: Statements) -> dict[int, set[str]]:
    """Return the submodules that each package imports itself: they become names of it."""
    found: dict[int, set[str]] = defaultdict(set)
    for row in index.imports.values():
        file = index.files[row.file_no]
        if file.package and (row.level == 1 or row.module.startswith(f"{file.module}.")):
            module = row.module if row.level else row.module[len(file.module) + 1 :]
            name = module.partition(".")[0]
            if name and statements.submodule(statements.own(row.file_no), name):
                found[row.file_no].add(name)
    return found


def _has_circle(order: list[int], sources: Mapping[int, list[Unit | None]]) -> bool:
    """Whether a file star imports one that comes after it in the order, or itself."""
    place = {file_no: n for n, file_no in enumerate(order)}
    return any(
        place.get(unit.files[0], -1) >= place[file_no]
        for file_no in order
        for unit in sources[file_no]
        if unit is not None and unit.files
    )


def _sources_first(sources: Mapping[int, list[Unit | None]]) -> list[int]:
    """Return the files so that those a file star imports come before it, but for circles."""
    order: list[int] = []
    seen: set[int] = set()
    for first in sources:
        pending = [(first, False)]
        while pending:
            file_no, left = pending.pop()
            if left:
                order.append(file_no)
            elif file_no not in seen:
                seen.add(file_no)
                pending.append((file_no, True))
                pending += [
                    (unit.files[0], False)
                    for unit in reversed(sources[file_no])
                    if unit is not None and unit.files and unit.files[0] in sources
                ]
    return order
