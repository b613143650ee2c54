"""One published version of a store, opened for questions: its tables and views as SQL sees them."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from codeanatomy.cpg import entities
from codeanatomy.cpg.evidence import TABLES
from codeanatomy.cpg.graph import derived
from codeanatomy.cpg.nodes import NONE_SEEN, PROPS_TABLE
from codeanatomy.engine.errors import QueryError
from codeanatomy.engine.execute import run_sql
from codeanatomy.engine.session import Session, size_for, size_named
from codeanatomy.kernel.schema import Column, Table
from codeanatomy.store.numbers import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

    from codeanatomy.store.base import Store
    from codeanatomy.store.manifest import Manifest

_OTHER = re.compile(r"(?:\s+|--[^\n]*\n|/\*.*?\*/)*(show|explain)\b", re.DOTALL | re.IGNORECASE)
_DECLARED = {table.name: table for table in (*TABLES, *entities.STORED, PROPS_TABLE, NUMBERS)}


class Snapshot:
    """Everything that one manifest pins, in an engine session of its own.

    `absent` says of every declared table, view, node kind and edge kind that is not there why.
    """

    def __init__(
        self, store: Store, manifest: Manifest, size: str = "auto", memory_bytes: int | None = None
    ) -> None:
        self.store = store
        self.manifest = manifest
        chosen = size_for(self.file_count()) if size == "auto" else size_named(size)
        self._session = Session(chosen, memory_bytes=memory_bytes)
        self.absent: dict[str, str] = dict(manifest.facts.get("absent", {}))
        self._tables: dict[str, Table] = {}
        self._register()

    @property
    def repositories(self) -> dict[str, dict[str, Any]]:
        """What the manifest says of each repository, by name: root, files, bytes ..."""
        found: dict[str, dict[str, Any]] = self.manifest.facts.get("repos", {})
        return found

    def file_count(self) -> int:
        """Count the files of all repositories, as the manifest says."""
        return sum(int(facts.get("files", 0)) for facts in self.repositories.values())

    def sql(self, text: str, parameters: Mapping[str, object] | None = None) -> pa.Table:
        """Answer one SELECT; `$name` in it stands for a parameter.

        Raises `QueryError`, which says of a table that is absent why it is.
        """
        _refuse_other(text)
        try:
            return run_sql(self._session, text, parameters)
        except QueryError as error:
            if error.facts.get("reason") != "unknown-table":
                raise
            raise self._no_table(str(error.facts["name"]), text) from error

    def function(self, name: str, call: Callable[..., pa.Table]) -> None:
        """Make a Python function known to SQL: `SELECT * FROM name('a', 2)`."""
        self._session.table_function(name, call)

    def rows(self, text: str, /, **parameters: object) -> list[dict[str, Any]]:
        """Answer one SELECT as dictionaries."""
        found: list[dict[str, Any]] = self.sql(text, parameters).to_pylist()
        return found

    def why_absent(self, name: str) -> str | None:
        """Say why a declared thing is not there; None when it was looked for, or is there."""
        why = self.absent.get(name)
        return None if why == NONE_SEEN else why

    def has(self, name: str) -> bool:
        """Whether a table or view is there."""
        return name in self._tables

    def tables(self) -> tuple[Table, ...]:
        """Return every table and view that is there, by name."""
        return tuple(self._tables[name] for name in sorted(self._tables))

    def _register(self) -> None:
        for name, version in sorted(self.manifest.tables.items()):
            shown = derived.STORED.get(name, name)
            self._session.register(shown, self.store.source(name, version))
            if shown == name:
                self._tables[name] = _DECLARED.get(name) or self._undeclared(name)
        for name, table in _DECLARED.items():
            if name not in self.manifest.tables and not self.why_absent(name):
                self._session.register(name, table.arrow().empty_table())
                self._tables[name] = table
                self.absent.pop(name, None)
        for name, rows in derived.pages(self.absent).items():
            self._session.register(name, rows)
        for view in derived.VIEWS:
            self._view(view)

    def _view(self, view: derived.View) -> None:
        known = set(self._session.names())
        missing = [name for name in view.reads if name not in known]
        if missing:
            why = self.absent.get(missing[0], "which this version does not have")
            self.absent[view.table.name] = f"it is made from {missing[0].lstrip('_')}: {why}"
            return
        self._session.view(view.table.name, view.sql(frozenset(known)))
        self._tables[view.table.name] = view.table

    def _no_table(self, name: str, sql: str) -> QueryError:
        """Tell a table that is absent for a reason from one that there never is."""
        if why := self.why_absent(name):
            message = f"table {name!r} is not in this version: {why}"
            return QueryError(message, sql=sql, reason="absent", name=name, why=why)
        near = tuple(get_close_matches(name.lower(), self._tables, 3))
        hint = f"; the nearest are {', '.join(near)}" if near else ""
        message = f"no table {name!r}{hint}; `codeanatomy tables` lists them all"
        return QueryError(message, sql=sql, reason="unknown-table", name=name, near=near)

    def _undeclared(self, name: str) -> Table:
        """Describe a stored table that no page declares, by its columns alone."""
        fields = self._session.schema(name)
        columns = tuple(Column(f.name, str(f.type), "", f.nullable) for f in fields)
        return Table(name, "", "", (), columns)


def _refuse_other(text: str) -> None:
    """Refuse what reads and is no SELECT: it tells of the engine and not of the graph."""
    if found := _OTHER.match(text):
        word = found[1].upper()
        message = (
            f"a question is one SELECT; {word} is not accepted; `codeanatomy tables` lists "
            "what can be asked, and `codeanatomy tables NAME` its columns"
        )
        raise QueryError(message, sql=text, reason="read-only", name=word)
