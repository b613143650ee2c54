"""Names that only a star import can bind: each leads to what a star brings, or says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.link.index import records
from codeanatomy.cpg.link.names import INTERPRETER, Meaning
from codeanatomy.cpg.link.rows import Edge, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from codeanatomy.cpg.link.imports import Ends
    from codeanatomy.cpg.link.index import Index
    from codeanatomy.cpg.link.names import Names
    from codeanatomy.cpg.link.rows import Rows
    from codeanatomy.cpg.link.stars import Stars
    from codeanatomy.cpg.link.statements import Statements

_SOURCES = "ast,symtable,imports"
_COLUMNS = ("file_no", "nid", "name", "class", "role", "bstart", "bend")


class OpenNames:
    """What names of modules with star imports mean that the modules do not bind."""

    def __init__(
        self, statements: Statements, stars: Stars, names: Names, builtins: Mapping[str, int]
    ) -> None:
        self._statements = statements
        self._stars = stars
        self._names = names
        self._builtins = builtins

    def meaning(self, file_no: int, name: str) -> Meaning | int:
        """Say what a name means that its file does not bind; a number is a builtin's node.

        A package sees, besides, the modules below it that it imports: importing binds them.
        """
        source = self._stars.given.get(file_no, {}).get(name)
        if source is not None:
            return self._names.of(source, name)._replace(method="star_import")
        if name in self._stars.below.get(file_no, ()):
            below = self._statements.submodule(self._statements.own(file_no), name)
            if below is not None:
                return Meaning("submodule", below.name, unit=below)
        if file_no in self._stars.open:
            return Meaning("star_import", reason="star_import")
        if name in self._builtins:
            return self._builtins[name]
        reason = "interpreter" if name in INTERPRETER else "undefined"
        return Meaning("star_import", reason=reason)

    def link(self, rows: Rows, index: Index, ends: Ends, open_names: pa.Table) -> None:
        """Give each open name its one edge, REF or UNRESOLVED."""
        for file_no, nid, name, scope_class, role, *span in records(open_names, _COLUMNS):
            if file_no not in index.files:
                continue
            place = Place(file_no, *span)
            meaning = self.meaning(file_no, name)
            if isinstance(meaning, int):
                rows.add(Edge(nid, meaning, "REF", place, _SOURCES, "builtin", role=role))
            elif meaning.binding is None and meaning.unit is None and meaning.via is not None:
                via = meaning.via.nid  # an import of something outside: its own edge says of what
                rows.add(Edge(nid, via, "REF", place, _SOURCES, meaning.method, role=role))
            elif meaning.reason:
                rows.unresolved(
                    nid, "reference", place, name, meaning.reason,
                    method=scope_class, sources=_SOURCES, role=role,
                )  # fmt: skip
            else:
                end = ends.of(meaning)
                rows.add(Edge(nid, end, "REF", place, _SOURCES, meaning.method, role=role))
