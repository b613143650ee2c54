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
    from codeanatomy.cpg.link.rows import End, Rows
    from codeanatomy.cpg.link.stars import Stars
    from codeanatomy.cpg.link.statements import Statements

_SOURCES = "ast,symtable,imports"
_COLUMNS = ("file_no", "nid", "owner", "name", "class", "role", "bstart", "bend")


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
        """Give each open name its one edge, REF or UNRESOLVED; and READS from whose code it is."""
        reads: dict[tuple[int, End], list[Place]] = {}
        for file_no, nid, owner, name, scope_class, role, *span in records(open_names, _COLUMNS):
            if file_no not in index.files:
                continue
            place = Place(file_no, *span)
            meaning = self.meaning(file_no, name)
            found = self._end(meaning, ends)
            if found is not None and role == "load":
                reads.setdefault((owner, found), []).append(place)
            if isinstance(meaning, int):
                rows.add(Edge(nid, meaning, "REF", place, _SOURCES, "builtin", role=role))
            elif found is not None:
                rows.add(Edge(nid, found, "REF", place, _SOURCES, meaning.method, role=role))
            else:
                rows.unresolved(
                    nid, "reference", place, name, str(meaning.reason),
                    method=scope_class, sources=_SOURCES, role=role,
                )  # fmt: skip
        for (owner, end), places in reads.items():
            first = min(places)
            rows.add(Edge(owner, end, "READS", first, _SOURCES, "star_import", times=len(places)))

    def _end(self, meaning: Meaning | int, ends: Ends) -> End | None:
        """Return the node that a name means besides a builtin's; None where it is not known."""
        if isinstance(meaning, int):
            return None
        if meaning.binding is None and meaning.unit is None and meaning.via is not None:
            return meaning.via.nid  # an import of something outside: its own edge says of what
        return None if meaning.reason else ends.of(meaning)
