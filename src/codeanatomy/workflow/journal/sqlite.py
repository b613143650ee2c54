"""A journal in one SQLite file, with write-ahead logging: one commit a step or effect.

At `synchronous=normal` (the default) a commit is a write to the log file and no fsync: when it
returns the operating system has it, so a process that is killed loses nothing it recorded; a loss
of power may take back the last moments, never the order of things. At `full` every commit is on
the disk when it returns.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import weakref
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Final

from codeanatomy.kernel.errors import SpecError
from codeanatomy.store.disk import Disk
from codeanatomy.workflow.errors import JournalError
from codeanatomy.workflow.journal.database import Database, Execute, Row
from codeanatomy.workflow.journal.tables import TABLES, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LEVELS: Final = ("off", "normal", "full", "extra")
"""What `synchronous` may be."""

_PATIENCE: Final = 60.0  # seconds to wait for another writer
_REMEDIES: Final = (
    ("is full", "free some space and run the same again: what was recorded is kept"),
    ("unable to open", "the file and its folder must be writable, or name a journal elsewhere"),
    ("readonly", "the file and its folder must be writable, or name a journal elsewhere"),
    ("not a database", "this is another kind of file: name a new one"),
)
_TYPES: Final = {
    "int": "integer",
    "real": "real",
    "blob": "blob",
    "serial": "integer primary key",
    "rows": " without rowid",
}
_left_behind: list[sqlite3.Connection] = []


class SqliteDatabase(Database):
    """One connection of this process, shared by its threads; a forked process opens its own."""

    def __init__(self, path: Path | None, synchronous: str = "normal") -> None:
        if synchronous not in LEVELS:
            raise SpecError(
                f"synchronous={synchronous} is no level; use one of {', '.join(LEVELS)}",
                synchronous=synchronous,
            )
        self.uri = "memory:" if path is None else f"sqlite:///{path}?synchronous={synchronous}"
        self.private = path is None
        self._path = path
        self._synchronous = synchronous
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._pid = os.getpid()
        self._last_word: weakref.finalize[..., SqliteDatabase] | None = None

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Read."""
        self._after_fork()
        with self._lock, self._named():
            return self._open().execute(_native(sql), values).fetchall()

    def write(self, name: str, sql: str, values: Sequence[object]) -> int:
        """Run one statement; without an observer it commits itself."""
        if self.observer is not None:
            with self.transaction(name):
                return self._open().execute(_native(sql), values).rowcount
        if self._pid != os.getpid():
            self._after_fork()
        with self._lock:
            try:
                return (self._connection or self._open()).execute(_native(sql), values).rowcount
            except sqlite3.Error as error:
                raise self._error(error) from error

    @contextmanager
    def transaction(self, name: str) -> Iterator[Execute]:
        """Run several statements as one."""
        self.heard(f"before:{name}")
        self._after_fork()
        with self._lock, self._named():
            found = self._open()

            def execute(sql: str, values: Sequence[object] = ()) -> list[Row]:
                return found.execute(_native(sql), values).fetchall()

            found.execute("begin immediate")
            try:
                yield execute
                self.heard(f"before:commit:{name}")
                found.execute("commit")
            except BaseException:
                if found.in_transaction:
                    found.execute("rollback")
                raise
        self.heard(f"after:{name}")

    def settle(self) -> None:
        """Have the log synced, and copied into the file as far as nobody reads it."""
        self.rows("pragma wal_checkpoint(passive)")

    def close(self) -> None:
        """Close the connection of this process."""
        self._after_fork()
        with self._lock:
            self._connection = None
            if self._last_word is not None:
                self._last_word()

    def _after_fork(self) -> None:
        """Leave to the parent process what it opened: SQLite must not close it here."""
        if self._pid == os.getpid():
            return
        if self._connection is not None:
            _left_behind.append(self._connection)
        self._connection, self._lock, self._pid = None, threading.RLock(), os.getpid()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connected()
            self._last_word = weakref.finalize(self, _close, self._connection, self._pid)
        return self._connection

    def _connected(self) -> sqlite3.Connection:
        if self._path is not None:
            Disk().mkdir(self._path.parent)
        found = sqlite3.connect(
            self._path or ":memory:",
            timeout=_PATIENCE,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=64,
        )
        try:
            found.execute("pragma journal_mode = wal")
            found.execute(f"pragma synchronous = {self._synchronous}")
            _prepare(found)
        except BaseException:
            found.close()
            raise
        return found

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _error(self, error: sqlite3.Error) -> JournalError:
        text = str(error)
        if "locked" in text or "busy" in text:
            text += f"; another process has been writing to it for {_PATIENCE:.0f} s"
        elif self._path is not None and self._path.is_dir():
            text += "; this is a folder: name a file"
        else:
            text += next((f"; {said}" for part, said in _REMEDIES if part in text), "")
        return JournalError(f"the journal {self._path or 'in memory'}: {text}", uri=self.uri)


def _close(found: sqlite3.Connection, pid: int) -> None:
    if pid == os.getpid():
        found.close()


def _prepare(found: sqlite3.Connection) -> None:
    """Make the tables if they are not there; refuse those of another layout."""
    made = "select count(*) from sqlite_master where type = 'table' and name = 'checkpoints'"
    if not found.execute(made).fetchone()[0]:
        found.execute("begin immediate")
        for statement in TABLES:
            found.execute(statement.format(**_TYPES))
        if not found.execute("select version from journal").fetchone():
            found.execute("insert into journal values (?)", (VERSION,))
        found.execute("commit")
    (version,) = found.execute("select version from journal").fetchone() or (None,)
    if version != VERSION:
        raise JournalError(
            f"the journal has layout {version}, this program reads layout {VERSION}",
            version=version,
        )


@cache
def _native(sql: str) -> str:
    """Write a statement as SQLite wants it."""
    return re.sub(r"\?[irtb]?", "?", sql).replace("{lock}", "")
