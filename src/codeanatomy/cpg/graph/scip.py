"""A graph as a SCIP index: a document a file, with its definitions and references.

A reference is what a name means, what an attribute of a module, of a class or of a method's own
object is, and what a call of another attribute runs. Characters count bytes of UTF-8; in a file
whose codec gives each character one byte they count characters. A file in another codec, and a
notebook's cell, is left out: no position in it could be read.
"""

from __future__ import annotations

import codecs
from bisect import bisect_right
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.cpg import scip
from codeanatomy.cpg.graph.scip_names import KINDS, Names
from codeanatomy.kernel.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codeanatomy.cpg.graph.snapshot import Snapshot

    Span = tuple[int, int, int]  # file, first byte, byte after

BOM = 3  # bytes of a byte order mark, which is no character of its line
_ROLES = {"load": scip.READ, "import": scip.IMPORT, "store": scip.WRITE, "delete": scip.WRITE,
          "except": scip.WRITE, "pattern": scip.WRITE, "parameter": scip.DEFINITION,
          "type_parameter": scip.DEFINITION}  # fmt: skip
_ENUM = {name: number for number, name in scip.ENCODINGS.items()}

_FILES = """
    select file_no, path, encoding, bom from files
    where repo = $repo and skipped is null and path not like '%#cell%'"""
_LINES = "select file_no, bstart from file_lines where repo = $repo order by file_no, line"
_DEFINED = """
    select n.nid, n.file_no, n.bstart, n.bend, d.name_bstart, d.name_bend, d.node
    from ast_defs d join nodes n on d.file_no = n.file_no and d.bstart = n.bstart
      and d.bend = n.bend and d.kind = (case when n.kind = 'method' then 'function' else n.kind end)
    where d.repo = $repo and d.kind in ('class', 'function')"""
_REFERENCES = """
    select src >> 32 as file_no, bstart, bend, dst, props['role'] as role from edges
    where repo = $repo and kind = 'REF' and bstart is not null"""
_ATTRIBUTES = """
    select file_no, self_class, base, name, role, bstart, name_bstart, name_bend
    from ast_attributes
    where repo = $repo"""
_IMPORTS = """
    select i.file_no, i.bstart, i.module, i.name, i.asname, n.nid from ast_imports i
    join nodes n on i.file_no = n.file_no and i.bstart = n.bstart and i.bend = n.bend
    where i.repo = $repo and n.kind = 'import' and not i.star"""
_CALLS = """
    select src, src >> 32 as file_no, bstart, bend, dst, method from edges
    where repo = $repo and kind = 'CALL_TARGET' and bstart is not null"""
_EDGES = "select src, dst from edges where kind = $kind order by src, props['index'], dst"
_DOCSTRINGS = "select nid, value from props where repo = $repo and key = 'docstring'"


class Exported(NamedTuple):
    """What an index holds, and the paths of files that are not in it."""

    documents: int
    occurrences: int
    symbols: int
    left_out: tuple[str, ...]


def scip_index(snapshot: Snapshot, repo: str | None, version: str) -> tuple[bytes, Exported]:
    """Write one repository of a graph as a SCIP index; `version` is the package's in symbols.

    Raises `UnknownNameError` where the graph has no such repository, or several and none is named;
    `MissingPartError` where protobuf is not installed.
    """
    name = _repository(snapshot, repo)
    index = scip.new_index()
    _describe(index, snapshot, name)
    made = _Made(snapshot, name, version)
    files = sorted(made.files.values(), key=lambda file: str(file["path"]).encode())
    left = tuple(str(file["path"]) for file in files if _encoding(file) is None)
    for file in files:
        if _encoding(file) is not None:
            made.write(index, file)
    made.write_outside(index)
    documents = index.documents
    occurrences = sum(len(d.occurrences) for d in documents)
    symbols = sum(len(d.symbols) for d in documents)
    about = Exported(len(documents), occurrences, symbols, left)
    return index.SerializeToString(deterministic=True), about


def _repository(snapshot: Snapshot, repo: str | None) -> str:
    known = sorted(snapshot.repositories)
    if repo is None and len(known) == 1:
        return known[0]
    if repo not in known:
        what = f"no repository {repo!r}" if repo else "an index is of one repository: name it"
        raise UnknownNameError(f"{what}; there are {', '.join(known)}", name=repo)
    return str(repo)


def _describe(index: Any, snapshot: Snapshot, repo: str) -> None:  # noqa: ANN401 - protobuf makes its classes while it runs
    root = snapshot.repositories[repo].get("root")
    libraries: Mapping[str, str] = snapshot.manifest.facts.get("libraries", {})
    index.metadata.tool_info.name = "codeanatomy"
    index.metadata.tool_info.version = libraries.get("codeanatomy", "unknown")
    index.metadata.project_root = Path(root).as_uri() if root else ""
    index.metadata.text_document_encoding = 1  # UTF-8


def _encoding(file: Mapping[str, Any]) -> str | None:
    """Say what characters of a file count; None for a codec in which bytes do not tell."""
    try:
        codec = codecs.lookup(file["encoding"] or "").name
    except LookupError:
        return None
    if codec in ("utf-8", "utf-8-sig", "ascii"):
        return scip.UTF8
    try:
        single = len(bytes(range(256)).decode(codec, "replace")) == 256  # noqa: PLR2004 - every byte
    except (LookupError, UnicodeError):
        return None
    return scip.UTF32 if single else None


class _Made:
    """An index in the making: what stands where in each file, before it is written."""

    def __init__(self, snapshot: Snapshot, repo: str, version: str) -> None:
        self._snapshot, self._repo = snapshot, repo
        self.names = Names(snapshot, version)
        self.files = {row["file_no"]: row for row in self._rows(_FILES)}
        self._lines: dict[int, list[int]] = {}
        for row in self._rows(_LINES):
            self._lines.setdefault(row["file_no"], []).append(row["bstart"])
        self._docs = {row["nid"]: row["value"] for row in self._rows(_DOCSTRINGS)}
        self._bases = self._edges("INHERITS_FROM")
        self._overridden = self._edges("OVERRIDES")
        self._roles: dict[int, dict[tuple[int, int, int], int]] = {}  # file: span and node: roles
        self._enclosing: dict[tuple[int, int], tuple[int, int]] = {}  # file and name: all of it
        self._covered: set[Span] = set()
        self._meant: dict[tuple[int, int], int] = {}  # file and first byte of a name: what it means
        self._used: set[int] = set()  # nodes outside the repository
        self._define()
        self._refer()
        self._refer_to_members()
        self._refer_to_callees()

    def write(self, index: Any, file: Mapping[str, Any]) -> None:  # noqa: ANN401 - as above
        """Write one document."""
        file_no = file["file_no"]
        document = index.documents.add(language="python", relative_path=file["path"])
        document.position_encoding = _ENUM[_encoding(file) or scip.UTF8]
        symbols: dict[int, str] = {}
        numbers = count()
        for (start, end, nid), roles in sorted(self._roles.get(file_no, {}).items()):
            if nid not in symbols:
                symbols[nid] = self.names.symbol(nid) or f"{scip.LOCAL}{next(numbers)}"
            made = document.occurrences.add(symbol=symbols[nid], symbol_roles=roles)
            made.range.extend(self._range(file_no, start, end))
            around = self._enclosing.get((file_no, start)) if roles & scip.DEFINITION else None
            if around:
                made.enclosing_range.extend(self._range(file_no, *around))
        written: set[str] = set()
        for nid, symbol in sorted(symbols.items(), key=lambda pair: (pair[1], pair[0])):
            if self.names.nodes[nid].file_no == file_no and symbol not in written:
                written.add(symbol)
                self._about(document.symbols.add(symbol=symbol), nid)

    def write_outside(self, index: Any) -> None:  # noqa: ANN401 - as above
        """Write what is referred to and lies in no file of the repository."""
        found = {self.names.symbol(nid): nid for nid in sorted(self._used)}
        for symbol, nid in sorted((s, n) for s, n in found.items() if s is not None):
            self._about(index.external_symbols.add(symbol=symbol), nid)

    def _about(self, made: Any, nid: int) -> None:  # noqa: ANN401 - as above
        node = self.names.nodes[nid]
        made.display_name = node.name or ""
        made.kind = KINDS.get(node.kind, 0)
        if nid in self._docs:
            made.documentation.append(self._docs[nid])
        for related, reference in (
            *((base, False) for base in self._bases.get(nid, ())),
            *((method, True) for method in self._overridden.get(nid, ()) if method >> 32),
        ):
            symbol = self.names.symbol(related) if related in self.names.nodes else None
            if symbol is not None and symbol != made.symbol:
                made.relationships.add(
                    symbol=symbol, is_implementation=True, is_reference=reference
                )

    def _define(self) -> None:
        """Note definitions: those that have statements, variables at their first place, modules."""
        self._node_of = {(r["file_no"], r["node"]): r["nid"] for r in self._rows(_DEFINED)}
        for row in self._rows(_DEFINED):
            span = (row["file_no"], row["name_bstart"], row["name_bend"])
            self._note(span, row["nid"], scip.DEFINITION)
            self._enclosing[span[:2]] = (row["bstart"], row["bend"])
        for node in self.names.nodes.values():
            if node.kind == "module":
                self._note((node.file_no, 0, 0), node.nid, scip.DEFINITION)
            elif node.kind in ("variable", "attribute") and self.names.same(node.nid) == node.nid:
                self._note((node.file_no, node.bstart or 0, node.bend or 0), node.nid,
                           scip.DEFINITION)  # fmt: skip

    def _refer(self) -> None:
        """Note what names mean, imports followed, and the names that imports take."""
        imported = {src: dst[0] for src, dst in self._edges("IMPORTS_NAME").items()}
        for row in self._rows(_IMPORTS):
            target, text = imported.get(row["nid"]), row["name"] or row["module"]
            if row["asname"] is None:  # the name taken is bound, but for a dotted module's
                target = self.names.module(text) if row["name"] is None and "." in text else None
            if target is not None:
                end = row["bstart"] + len(text.encode())
                self._note((row["file_no"], row["bstart"], end), target, scip.IMPORT)
        for row in self._rows(_REFERENCES):
            if row["role"] not in ("function", "class"):  # their statements are definitions
                span = (row["file_no"], row["bstart"], row["bend"])
                target = self._meant[span[:2]] = imported.get(row["dst"], row["dst"])
                self._note(span, target, _ROLES.get(row["role"], scip.READ))

    def _refer_to_members(self) -> None:
        """Note attributes of a method's own object, of classes and of modules."""
        members: dict[int, dict[str, int]] = {}
        for member, classes in self._edges("MEMBER_OF").items():
            node = self.names.nodes.get(member)
            if node is not None and node.name is not None and node.kind != "import":
                members.setdefault(classes[0], {})[node.name] = self.names.same(member)
        self._attributes: dict[Span, str] = {}
        for row in self._rows(_ATTRIBUTES):
            span = (row["file_no"], row["name_bstart"], row["name_bend"])
            self._attributes[span] = row["name"]
            owner = self._node_of.get((row["file_no"], row["self_class"]))
            if owner is None:
                owner = self._base(row)
            node = None if owner is None else self.names.nodes.get(owner)
            found = None
            if node is not None and node.kind == "class":
                found = self._member(members, node.nid, row["name"])
            elif node is not None:
                found = self.names.named(f"{node.qualified_name}.{row['name']}")
            if found is not None:
                self._note(span, found, _ROLES[row["role"]])

    def _base(self, row: Mapping[str, Any]) -> int | None:
        """Return the class or module that stands before an attribute's dot, if it is one."""
        if row["base"] is None:
            return None
        rest = row["base"].partition(".")[2]
        found = self._meant.get((row["file_no"], row["bstart"]))
        node = None if found is None else self.names.nodes.get(found)
        if node is None or node.kind not in ("class", "module", "package"):
            return None
        if node.kind != "class" and node.qualified_name:
            return self.names.named(".".join(filter(None, (node.qualified_name, rest))))
        return None if rest else node.nid

    def _member(
        self, members: Mapping[int, Mapping[str, int]], owner: int, name: str
    ) -> int | None:
        """Look for a name in a class, then in its bases, each once."""
        waiting, seen = [owner], {owner}
        while waiting:
            at = waiting.pop(0)
            if name in members.get(at, {}):
                return members[at][name]
            fresh = [base for base in self._bases.get(at, ()) if base not in seen]
            seen.update(fresh)
            waiting += fresh
        return None

    def _refer_to_callees(self) -> None:
        """Note what calls of attributes run, where nothing else says what the attribute is.

        What runs under another name is not what the attribute means: a wrapper that a decorator
        made, a `__call__`.
        """
        made, classes = self._edges("INSTANCE_OF"), self._edges("MEMBER_OF")
        for row in self._rows(_CALLS):
            span = (row["file_no"], row["bstart"], row["bend"])
            if span not in self._attributes or span in self._covered:
                continue
            runs = [row["dst"]]  # of a class that is called it may be the `__init__`
            if row["method"] == "constructor":
                runs += [*made.get(row["src"], ()), *classes.get(row["dst"], ())]
            for target in runs:
                node = self.names.nodes.get(target)
                if node is not None and node.name == self._attributes[span]:
                    self._note(span, target, scip.READ, cover=False)

    def _note(self, span: Span, nid: int, roles: int, *, cover: bool = True) -> None:
        """Note that something stands at a place; its definition is also a reference to it."""
        node = self.names.nodes.get(nid)
        file_no, start, end = span
        if node is None or file_no not in self.files or node.kind == "lambda":
            return
        nid = self.names.same(nid)
        by_place = self._roles.setdefault(file_no, {})
        known = by_place.get((start, end, nid), 0) | roles
        by_place[start, end, nid] = scip.DEFINITION if known & scip.DEFINITION else known
        if cover:
            self._covered.add(span)
        if node.file_no not in self.files:
            self._used.add(nid)

    def _range(self, file_no: int, start: int, end: int) -> tuple[int, ...]:
        first, last = self._place(file_no, start), self._place(file_no, end)
        return (*first, last[1]) if first[0] == last[0] else (*first, *last)

    def _place(self, file_no: int, at: int) -> tuple[int, int]:
        lines = self._lines.get(file_no) or [0]
        line = max(0, bisect_right(lines, at) - 1)
        skipped = BOM if line == 0 and self.files[file_no]["bom"] else 0
        return line, max(0, at - lines[line] - skipped)

    def _rows(self, text: str) -> Iterable[dict[str, Any]]:
        return self._snapshot.rows(text, repo=self._repo)

    def _edges(self, kind: str) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for row in self._snapshot.rows(_EDGES, kind=kind):
            found.setdefault(row["src"], []).append(row["dst"])
        return found
