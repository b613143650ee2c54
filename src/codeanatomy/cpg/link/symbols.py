"""Symbols of SCIP indexes: a node each, and an edge from each thing that they stand on.

An occurrence belongs to the node whose name has exactly its span; where there is none it stays
evidence only. Local symbols belong to their file, others to every repository.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg import scip
from codeanatomy.cpg.link.rows import Edge, Place, Rows, Shared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from codeanatomy.cpg.link.rows import HandOut, Key

    Ints = NDArray[np.int64]

_ROLES = ((scip.DEFINITION, "definition"), (scip.IMPORT, "import"), (scip.WRITE, "write"))
_RELATIONS = {
    "reference": "SCIP_REFERENCE", "implementation": "SCIP_IMPLEMENTATION",
    "type_definition": "SCIP_TYPE_DEFINITION", "definition": "SCIP_DEFINITION",
}  # fmt: skip
_BOM = 3  # bytes of a byte order mark: where a file's text may begin
_DEFINED = ("class", "function", "method")


class Indexed(NamedTuple):
    """What indexes say of all repositories, and the nodes of their files.

    `nodes` has nid, kind, syntax, name, file_no, bstart and bend; `references` the edges REF with
    dst, file_no, bstart and bend; the others are evidence tables. `files` is each file's
    repository and path.
    """

    occurrences: pa.Table
    symbols: pa.Table
    relationships: pa.Table
    nodes: pa.Table
    references: pa.Table
    definitions: pa.Table  # ast_defs
    attributes: pa.Table  # ast_attributes
    files: Mapping[int, tuple[str, str]]
    file_lines: pa.Table | None = None


class Symbols(NamedTuple):
    """Nodes and edges of indexes; `ends` are the nodes of files that the edges lead from."""

    nodes: pa.Table
    edges: pa.Table
    ends: Ints


def link_symbols(facts: Indexed, numbers: HandOut) -> Symbols:
    """Make the nodes of all symbols, and the edges to and between them.

    `numbers` hands out the numbers of nodes without a file; it is called once.
    """
    rows = Rows()
    shown = _shown(facts.symbols)
    found = _found(facts)
    columns = (
        facts.occurrences[c].to_pylist() for c in ("file_no", "symbol", "roles", "bstart", "bend")
    )
    for nid, file_no, symbol, roles, start, end in zip(found.tolist(), *columns, strict=True):
        if not symbol:  # an occurrence may say only how to show a place
            continue
        key = rows.share(_symbol(symbol, file_no, facts.files, shown))
        if nid >= 0:
            rows.add(
                Edge(nid, key, "SCIP_SYMBOL", Place(file_no, start, end), "scip", "index",
                     role=_role(roles))
            )  # fmt: skip
    for file_no, symbol in zip(*_pairs(facts.symbols), strict=True):
        if file_no or not symbol.startswith(scip.LOCAL):
            rows.share(_symbol(symbol, file_no, facts.files, shown))
    for edge in _related(facts, rows, shown):
        rows.add(edge)
    nodes, edges = rows.tables(facts.files, numbers, facts.file_lines)
    return Symbols(nodes, edges, np.unique(found[found >= 0]))


def _pairs(table: pa.Table) -> tuple[list[int], list[str]]:
    return table["file_no"].to_pylist(), table["symbol"].to_pylist()


def _role(roles: int) -> str:
    return next((name for bit, name in _ROLES if roles & bit), "read")


def _shown(symbols: pa.Table) -> dict[tuple[int, str], str]:
    """Return the names that the index has for people, by file and symbol."""
    named = symbols.filter(pc.is_valid(symbols["display_name"]))
    return dict(
        zip(zip(*_pairs(named), strict=True), named["display_name"].to_pylist(), strict=True)
    )


def _symbol(
    symbol: str,
    file_no: int,
    files: Mapping[int, tuple[str, str]],
    shown: Mapping[tuple[int, str], str],
) -> Shared:
    """Return the node of a symbol: one for all files, or for this one if it is local."""
    name = shown.get((file_no, symbol)) or scip.own_name(symbol) or scip.dotted(symbol) or symbol
    if file_no and symbol.startswith(scip.LOCAL):
        repo, path = files[file_no]
        return Shared("symbol", name, f"{repo}:{path} {symbol}", repo, sources="scip")
    return Shared("symbol", name, symbol, sources="scip")


def _related(facts: Indexed, rows: Rows, shown: Mapping[tuple[int, str], str]) -> Iterator[Edge]:
    table = facts.relationships
    flags = [table[name].to_pylist() for name in _RELATIONS]
    for file_no, symbol, related, *kinds in zip(
        *_pairs(table), table["related"].to_pylist(), *flags, strict=True
    ):
        ends: list[Key] = [
            rows.share(_symbol(s, file_no, facts.files, shown)) for s in (symbol, related)
        ]
        for flag, kind in zip(kinds, _RELATIONS.values(), strict=True):
            if flag:
                yield Edge(ends[0], ends[1], kind, Place(0), "scip", "index")


class _Spans(NamedTuple):
    """Nodes under the exact spans of their names; of equal spans the first is meant."""

    file_no: Ints
    start: Ints
    end: Ints
    nid: Ints


def _found(facts: Indexed) -> Ints:
    """Return the node that each occurrence stands on, or -1."""
    occurrences = facts.occurrences
    place = [_numbers(occurrences, name) for name in ("file_no", "bstart", "bend")]
    wanted = _Spans(place[0], place[1], place[2], np.zeros(len(occurrences), np.int64))
    defines = (_numbers(occurrences, "roles") & scip.DEFINITION) > 0
    uses = _looked_up(wanted, [*_used(facts)])
    defined = _looked_up(wanted, [*_defined(facts), *_used(facts)])
    found = np.where(defines, defined, uses)
    first = defines & (wanted.start == wanted.end) & (wanted.start <= _BOM)
    return np.where(first, _modules(facts.nodes, wanted.file_no), found)


def _defined(facts: Indexed) -> Iterator[_Spans]:
    """Yield definitions by their names, what names mean, and bindings by their first place."""
    named = facts.definitions.filter(pc.is_valid(facts.definitions["name_bstart"]))
    yield _under_names(_of(facts.nodes, "kind", *_DEFINED), named)
    yield _spans(facts.references, "dst")
    yield _spans(_of(facts.nodes, "kind", "variable", "attribute", "parameter"), "nid")


def _used(facts: Indexed) -> Iterator[_Spans]:
    """Yield references, attributes by the name after the dot, keywords by theirs, and imports."""
    yield _spans(_of(facts.nodes, "kind", "reference"), "nid")
    yield _under_names(_of(facts.nodes, "syntax", "Attribute"), facts.attributes)
    keywords = _of(facts.nodes, "kind", "argument")
    keywords = keywords.filter(pc.is_valid(keywords["name"]))
    start = _numbers(keywords, "bstart")
    sizes = pc.binary_length(keywords["name"].cast(pa.binary())).to_numpy().astype(np.int64)
    yield _Spans(_numbers(keywords, "file_no"), start, start + sizes, _numbers(keywords, "nid"))
    yield _spans(_of(facts.nodes, "kind", "import"), "nid")


def _of(nodes: pa.Table, column: str, *values: str) -> pa.Table:
    return nodes.filter(pc.is_in(nodes[column], pa.array(values, pa.string())))


def _spans(rows: pa.Table, nid: str) -> _Spans:
    rows = rows.filter(pc.is_valid(rows["bstart"]))
    return _Spans(*(_numbers(rows, c) for c in ("file_no", "bstart", "bend", nid)))


def _under_names(nodes: pa.Table, named: pa.Table) -> _Spans:
    """Put nodes under the names that `named` has for their spans."""
    names = _Spans(*(_numbers(named, c) for c in ("file_no", "bstart", "bend", "bstart")))
    nid = _looked_up(names, [_spans(nodes, "nid")])
    hit = nid >= 0
    parts = [_numbers(named, c)[hit] for c in ("file_no", "name_bstart", "name_bend")]
    return _Spans(parts[0], parts[1], parts[2], nid[hit])


def _modules(nodes: pa.Table, file_no: Ints) -> Ints:
    modules = _of(nodes, "kind", "module")
    known = dict(zip(*(modules[c].to_pylist() for c in ("file_no", "nid")), strict=True))
    return np.array([known.get(number, -1) for number in file_no.tolist()], np.int64)


def _looked_up(wanted: _Spans, offered: list[_Spans]) -> Ints:
    """Return the node that is offered first for each span, or -1."""
    every = [wanted, *offered]
    place = [np.concatenate(part) for part in zip(*every, strict=True)]
    _, code = np.unique(place[0] << 32 | place[1], return_inverse=True)
    key = code.astype(np.int64) << 32 | (place[2] - place[1])
    own, others, nid = key[: len(wanted.nid)], key[len(wanted.nid) :], place[3][len(wanted.nid) :]
    if not len(others):
        return np.full(len(own), -1, np.int64)
    known, first = np.unique(others, return_index=True)
    at = np.minimum(np.searchsorted(known, own), len(known) - 1)
    return np.where(known[at] == own, nid[first[at]], -1)


def _numbers(table: pa.Table, column: str) -> Ints:
    found: Ints = table[column].to_numpy().astype(np.int64)
    return found
