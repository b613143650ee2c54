"""Import statements as edges: module to module, name to meaning, and the evidence rows they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.link.rows import Edge, Place, Shared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codeanatomy.cpg.link.index import Import, Index
    from codeanatomy.cpg.link.names import Meaning, Names
    from codeanatomy.cpg.link.outside import Outside
    from codeanatomy.cpg.link.rows import End, Rows
    from codeanatomy.cpg.link.search import Unit
    from codeanatomy.cpg.link.statements import Named, Statements

SOURCES = "ast,imports"


class Ends:
    """The nodes that meanings are."""

    def __init__(self, rows: Rows, index: Index, folders: Mapping[tuple[str, str], Shared]) -> None:
        self._rows = rows
        self._files = index.files
        self._folders = folders

    def of(self, meaning: Meaning) -> End:
        """Return the node of a meaning that has one."""
        if meaning.binding is not None:
            return meaning.binding.nid
        if meaning.unit is not None:
            return self.module(meaning.unit)
        return self.outside(meaning.outside, meaning.qualified)

    def module(self, unit: Unit) -> End:
        """Return a module's node; that of its folder for a namespace package."""
        if unit.files:
            return self._files[unit.files[0]].module_nid
        return self._rows.share(self._folders[unit.paths[0]])

    def qualified(self, meaning: Meaning) -> str | None:
        """Return the qualified name of a meaning; None if it has none."""
        if meaning.unit is not None:
            return self.name(meaning.unit)
        return None if meaning.reason else meaning.qualified

    def name(self, unit: Unit) -> str:
        """Return a module's own dotted name, whatever an import calls it."""
        return self._files[unit.files[0]].module if unit.files else unit.name

    def outside(self, kind: str, dotted: str) -> End:
        """Return the node of something outside the store."""
        return self._rows.share(Shared(kind, dotted.rpartition(".")[2], dotted))


def link_imports(
    rows: Rows, index: Index, statements: Statements, names: Names, ends: Ends, outside: Outside
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Add edges for every import; return rows of `imports` and of `external_interfaces`."""
    evidence: list[tuple[object, ...]] = []
    modules: dict[tuple[int, End], tuple[Import, str, set[int]]] = {}
    interfaces: set[tuple[str, str]] = set()
    for row in index.imports.values():
        named, meaning = statements.named(row), names.imported(row)
        file = index.files[row.file_no]
        _link_name(rows, ends, row, meaning)
        for dst, method in _modules(ends, row, named, meaning):
            if dst == file.module_nid and row.level and not row.module:
                continue  # `from . import x`: the dot says where to look
            entry = modules.setdefault((row.file_no, dst), (row, method, set()))
            entry[2].add(row.statement)
        if named.outside:
            interfaces.add((file.repo, named.dotted))
        status = _status(file.repo, meaning, outside)
        evidence.append((
            file.repo, row.file_no, row.node, row.scope, named.dotted, row.name, row.binds,
            row.star, row.level, row.guard, status, _target_kind(row, meaning),
            ends.qualified(meaning), meaning.reason or None, row.bstart, row.bend,
        ))  # fmt: skip
    for (file_no, dst), (row, method, seen) in modules.items():
        src, place = index.files[file_no].module_nid, _place(row)
        rows.add(Edge(src, dst, "IMPORTS", place, SOURCES, method, times=len(seen)))
    found = sorted(interfaces)
    return evidence, [(repo, name, *outside.origin(repo, name)) for repo, name in found]


def _link_name(rows: Rows, ends: Ends, row: Import, meaning: Meaning) -> None:
    if meaning.reason:
        name = row.name or row.module or "." * row.level
        rows.unresolved(
            row.nid, "import", _place(row), name, meaning.reason,
            method=meaning.method, sources=SOURCES,
        )  # fmt: skip
    else:
        end = ends.of(meaning)
        rows.add(Edge(row.nid, end, "IMPORTS_NAME", _place(row), SOURCES, meaning.method))


def _modules(ends: Ends, row: Import, named: Named, meaning: Meaning) -> Iterator[tuple[End, str]]:
    """Yield the modules that a statement imports: the one it names, and a submodule it takes."""
    if named.unit is not None:
        yield ends.module(named.unit), "import"
    elif named.outside:
        yield ends.outside("external module", named.dotted), "external"
    if row.name is None or meaning.unit is None or named.unit is None:
        return
    if ends.qualified(meaning) == f"{ends.name(named.unit)}.{row.name}":
        yield ends.module(meaning.unit), "submodule"


def _status(repo: str, meaning: Meaning, outside: Outside) -> str:
    if meaning.reason:
        return "unresolved"
    if not meaning.outside:
        return "resolved"
    standard = outside.origin(repo, meaning.qualified).status == "standard_library"
    return "standard_library" if standard else "external"


def _target_kind(row: Import, meaning: Meaning) -> str:
    if meaning.reason:
        return "none"
    if meaning.outside:
        return "external"
    if meaning.unit is None:
        return "definition"
    return "module" if row.name is None else "submodule"


def _place(row: Import) -> Place:
    return Place(row.file_no, row.bstart, row.bend)
