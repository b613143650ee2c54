"""The book of a runtime: one SQLite file with its worlds, ledger, charges and audit."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

from codeanatomy.ecs.runtime.errors import LedgerError
from codeanatomy.store.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FILE = "runtime.sqlite"
_PATIENCE = 30.0  # seconds to wait for another process
_TABLES = """
create table if not exists worlds (
  world_id text primary key, name text not null, place text not null, model text not null,
  created real not null, destroyed real, ancestor text, ancestor_tick integer);
create unique index if not exists living_names on worlds (name) where destroyed is null;
create table if not exists ledger (
  world_id text not null, command_id text not null, digest blob not null, actor text not null,
  kind text not null, tick integer not null, priority integer not null, sequence integer not null,
  parts integer not null, state text not null, attempts integer not null default 0,
  code text not null default '', message text not null default '', body blob not null,
  ids blob not null, submitted real not null, primary key (world_id, command_id));
create index if not exists ledger_order on ledger (world_id, tick, priority, sequence);
create index if not exists ledger_waiting on ledger (world_id, state, sequence);
create index if not exists ledger_actor on ledger (world_id, actor, tick);
create table if not exists charges (
  actor text not null, day text not null, units integer not null, primary key (actor, day));
create table if not exists audit (
  number integer primary key autoincrement, moment real not null, actor text not null,
  role text not null, operation text not null, world text not null, world_id text not null,
  tick integer, commands integer not null, units integer not null, outcome text not null,
  code text not null);
create trigger if not exists audit_is_never_changed before update on audit
  begin select raise(abort, 'audit rows are never changed'); end;
create trigger if not exists audit_is_never_deleted before delete on audit
  begin select raise(abort, 'audit rows are never deleted'); end;
"""

Row = tuple[object, ...]


class Book:
    """One connection, shared by the threads of this process; every write is durable."""

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            Disk().mkdir(folder)
        self.path = None if folder is None else folder / FILE
        self._lock = RLock()
        self._depth = 0
        with _named(self.path):
            self._connection = sqlite3.connect(
                ":memory:" if self.path is None else str(self.path),
                timeout=_PATIENCE,
                isolation_level=None,
                check_same_thread=False,
            )
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = full")
            self._connection.executescript(_TABLES)

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Read."""
        with self._lock, _named(self.path):
            return self._connection.execute(sql, values).fetchall()

    def write(self, sql: str, values: Sequence[object] = ()) -> int:
        """Write; gives the number of rows it changed."""
        with self.whole(), _named(self.path):
            return self._connection.execute(sql, values).rowcount

    def write_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Write the same statement for many rows."""
        with self.whole(), _named(self.path):
            self._connection.executemany(sql, rows)

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Make everything inside one durable transaction, or nothing; may be nested."""
        with self._lock:
            if self._depth:
                yield
                return
            with _named(self.path):
                self._connection.execute("begin immediate")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._connection.execute("rollback")
                raise
            else:
                with _named(self.path):
                    self._connection.execute("commit")
            finally:
                self._depth -= 1

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._connection.close()


@contextmanager
def _named(path: Path | None) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise LedgerError(
            f"the book of the runtime, {path or 'in memory'}: {error}", path=str(path)
        ) from error
