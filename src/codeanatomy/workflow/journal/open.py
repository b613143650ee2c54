"""From a URI or a path to a journal: a plain path is SQLite."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.journal.base import Journal

if TYPE_CHECKING:
    from codeanatomy.workflow.journal.database import Database


def open_journal(uri: str | Path | Journal, **options: Any) -> Journal:  # noqa: ANN401 - those of `Journal`
    """Open the journal that `uri` names; nothing is written before the first run.

    A path or `sqlite:///FILE?synchronous=full`, `memory:`, or any SQLAlchemy URL of PostgreSQL
    (`postgresql+psycopg://...`). A journal that is open is returned as it is.

    Raises `SpecError` for a URI that names no journal.
    """
    if isinstance(uri, Journal):
        return uri
    return Journal(_database(str(uri)), **options)


def _database(uri: str) -> Database:
    if uri in ("memory:", "memory://", ":memory:", "sqlite:///:memory:"):
        from codeanatomy.workflow.journal.memory import MemoryDatabase  # noqa: PLC0415 - one backend

        return MemoryDatabase()
    scheme, found, place = uri.partition("://")
    if found and scheme != "sqlite":
        from codeanatomy.workflow.journal.sql import SqlDatabase  # noqa: PLC0415 - one backend

        return SqlDatabase(uri)
    from codeanatomy.workflow.journal.sqlite import SqliteDatabase  # noqa: PLC0415 - one backend

    if not found:
        return SqliteDatabase(_file(uri, uri))
    path, _, query = place.partition("?")
    options = dict(parse_qsl(query))
    unknown = sorted(options.keys() - {"synchronous"})
    if unknown:
        raise SpecError(
            f"{uri} has an option that a journal does not: {unknown[0]}; it has synchronous",
            uri=uri,
        )
    return SqliteDatabase(_file(path.removeprefix("/"), uri), **options)


def _file(place: str, uri: str) -> Path:
    if not place:
        raise SpecError(f"{uri!r} names no file; write sqlite:///FILE, or a path", uri=uri)
    return Path(place).expanduser()
