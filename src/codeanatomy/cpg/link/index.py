"""The facts of a store as plain dictionaries: files, bindings, imports, what `__all__` lists."""

from __future__ import annotations

from collections import defaultdict
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.cpg.link.facts import Facts


class File(NamedTuple):
    """One file that was read, and the module it is."""

    repo: str
    path: str
    nid: int
    module: str
    module_nid: int
    package: bool
    stub: bool
    root: str
    importable: bool


class Binding(NamedTuple):
    """One name bound in one scope, and the node it means there."""

    file_no: int
    nid: int
    kind: str
    scope: int
    name: str
    opens: int | None
    givers: int


class Import(NamedTuple):
    """One name of one import statement."""

    file_no: int
    node: int
    statement: int
    scope: int
    module: str
    name: str | None
    asname: str | None
    binds: str | None
    level: int
    star: bool
    guard: str
    bstart: int
    bend: int
    nid: int


class Listed(NamedTuple):
    """One row about a module's `__all__`."""

    file_no: int
    name: str | None
    operation: str
    bstart: int
    bend: int


class Index:
    """Facts by the keys that links need."""

    def __init__(self, facts: Facts) -> None:
        self.files = _files(facts)
        self.scopes: dict[int, dict[str, Binding]] = defaultdict(dict)
        self.bindings: dict[int, Binding] = {}
        for binding in map(Binding._make, records(_wanted(facts), Binding._fields)):
            self.scopes[binding.file_no << 32 | binding.scope][binding.name] = binding
            self.bindings[binding.nid] = binding
        self.imports = {
            row.nid: row
            for row in sorted(map(Import._make, records(facts.imports, Import._fields)))
            if row.file_no in self.files
        }
        self.listed: dict[int, list[Listed]] = defaultdict(list)
        exports = facts.exports.sort_by([("file_no", "ascending"), ("ordinal", "ascending")])
        for listed in map(Listed._make, records(exports, Listed._fields)):
            if listed.file_no in self.files:
                self.listed[listed.file_no].append(listed)

    def bound(self, file_no: int, name: str, scope: int = 0) -> Binding | None:
        """Return what a name is bound to in a scope of a file; the module's unless said."""
        names = self.scopes.get(file_no << 32 | scope)
        return names.get(name) if names else None


def _wanted(facts: Facts) -> pa.Table:
    """Return the bindings that other files, or bases, can lead to: most are neither."""
    rows = facts.bindings
    kinds = pa.array(["class", "import"], pa.string())
    in_module = pc.equal(rows["scope"], 0)
    based = pc.is_in(rows["nid"], facts.bases["root"].drop_null())
    several = pc.and_(pc.greater(rows["givers"], 1), pc.equal(rows["kind"], "attribute"))
    wanted = (in_module, pc.is_in(rows["kind"], kinds), based, several)
    return rows.filter(reduce(pc.or_, wanted))


def records(table: pa.Table, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a few columns of a table."""
    return zip(*(_values(table[name]) for name in names), strict=True)


def _values(column: pa.ChunkedArray) -> list[Any]:
    """Turn a column into Python values; numbers without nulls go through numpy, which is faster."""
    whole = not column.null_count
    if whole and (pa.types.is_integer(column.type) or pa.types.is_boolean(column.type)):
        found: list[Any] = column.to_numpy().tolist()
        return found
    if pa.types.is_string(column.type):
        column = column.dictionary_encode()
    if pa.types.is_dictionary(column.type):
        return [value for chunk in column.chunks for value in _decoded(chunk)]
    plain: list[Any] = column.to_pylist()
    return plain


def _decoded(chunk: pa.DictionaryArray) -> list[Any]:
    """Look each code up: equal texts are one object."""
    values = [*chunk.dictionary.to_pylist(), None]
    codes = chunk.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False).tolist()
    return [values[code] for code in codes]


def _files(facts: Facts) -> dict[int, File]:
    """Join the files that were read with their modules, in order of number."""
    columns = ("file_no", "module", "nid", "package", "stub", "root", "importable")
    modules = {row[0]: row[1:] for row in records(facts.modules, columns)}
    rows = records(facts.files, ("file_no", "repo", "path", "nid", "skipped"))
    return {
        file_no: File(repo, path, nid, *modules[file_no])
        for file_no, repo, path, nid, skipped in sorted(rows, key=lambda row: row[0])
        if skipped is None and file_no in modules
    }
