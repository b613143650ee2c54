"""A store in one SQLite file: each append is one durable transaction, fit for many small ones."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
import pyarrow as pa

from codeanatomy.store.base import NOTHING, Capabilities, Store, Version, no_version
from codeanatomy.store.conform import conform, declared
from codeanatomy.store.disk import Disk, write_error
from codeanatomy.store.errors import StoreBusyError, StoreReadError, StoreWriteError
from codeanatomy.store.select import continued, select
from codeanatomy.store.split import check_where, inside, split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from codeanatomy.kernel.schema import Table

CAPABILITIES = Capabilities(
    backend="sqlite",
    durable=True,
    concurrent_writers=True,
    time_travel=True,
    replace=True,
    sql_source=False,
    unsupported=("vacuum", "optimise", "checkpoint", "restore"),
)

_PATIENCE = 30.0  # seconds to wait for another writer
_TABLES = """
create table if not exists versions (
  name text not null, number integer not null, rows integer not null, timestamp integer not null,
  facts blob not null, schema blob not null,
  partition blob not null, primary key (name, number)) without rowid;
create table if not exists batches (id integer primary key, rows integer not null, body blob);
create table if not exists lives (
  name text not null, added integer not null, dropped integer, batch integer not null,
  partition blob not null);
create index if not exists lives_by_name on lives (name, dropped, added);
"""
_MADE = "select count(*) from sqlite_master where type = 'table'"
_LIVE = """
select lives.rowid, batch, partition, rows from lives join batches on batches.id = lives.batch
where name = ? and added <= ? and (dropped is null or dropped > ?) order by added, lives.rowid
"""


class SqliteStore(Store):
    """A batch lives from the version that added it to the one that dropped it."""

    capabilities = CAPABILITIES

    def __init__(
        self, path: Path, disk: Disk | None = None, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self.path = path
        self.uri = f"sqlite://{path.absolute()}"
        self._disk = disk or Disk()
        self._clock = clock

    def tables(self) -> tuple[str, ...]:
        """Name every table that has a version."""
        with self._read() as found:
            rows = found.execute("select distinct name from versions order by name").fetchall()
        return tuple(name for (name,) in rows)

    def version(self, name: str) -> int | None:
        """Return the number of the newest version."""
        with self._read() as found:
            return _newest(found, name)

    def append(self, table: Table, data: object, *, base: int | None = None) -> int:
        """Add batches in one transaction; a second writer waits for the first."""
        return self._write(table, data, None, base)

    def replace(
        self, table: Table, data: object, where: Mapping[str, str], *, base: int | None = None
    ) -> int:
        """Drop the batches of the partitions that `where` names, and add new ones."""
        check_where(table, where)
        return self._write(table, data, where, base)

    def scan(
        self,
        name: str,
        *,
        as_of: int | None = None,
        columns: Sequence[str] | None = None,
        where: Mapping[str, str] | None = None,
    ) -> pa.RecordBatchReader:
        """Stream the batches of a version, one at a time from the file."""
        with self._read() as found:
            number = self._number(found, name, as_of)
            schema = _schema(found, name, number)
            live = [batch for _, batch, _, _ in found.execute(_LIVE, (name, number, number))]
        reader = pa.RecordBatchReader.from_batches(schema, self._batches(live, schema))
        return select(name, reader, columns, where)

    def history(self, name: str) -> list[Version]:
        """List the versions, oldest first."""
        query = "select number, rows, timestamp, facts from versions where name = ? order by number"
        with self._read() as found:
            rows = found.execute(query, (name,)).fetchall()
        if not rows:
            raise self.no_table(name)
        return [Version(n, r, t, msgspec.json.decode(f)) for n, r, t, f in rows]

    def source(self, name: str, as_of: int | None = None) -> pa.Table:
        """Return one version as a table in memory: no engine reads these batches itself."""
        return self.scan(name, as_of=as_of).read_all()

    def _write(
        self, table: Table, data: object, where: Mapping[str, str] | None, base: int | None
    ) -> int:
        schema = table.arrow()
        with self._transaction() as found:
            newest = _newest(found, table.name)
            number = 0 if newest is None else newest + 1
            kept = self._continue_from(found, table, base, where, number)
            rows = 0
            for values, part in split(table, conform(table, data), where or {}):
                body = declared(part, schema).serialize()
                insert = "insert into batches (rows, body) values (?, ?)"
                batch = found.execute(insert, (part.num_rows, body)).lastrowid
                _add(found, table.name, number, batch, msgspec.json.encode(values))
                rows += part.num_rows
            operation = "append" if where is None else "replace"
            facts = {"operation": operation, "where": dict(where or {}), "base": base}
            found.execute(
                "insert into versions values (?, ?, ?, ?, ?, ?, ?)",
                (
                    table.name,
                    number,
                    kept + rows,
                    self._clock() // 1000,
                    msgspec.json.encode(facts),
                    schema.serialize().to_pybytes(),
                    msgspec.json.encode(table.partition),
                ),
            )
            return number

    def _continue_from(
        self,
        found: sqlite3.Connection,
        table: Table,
        base: int | None,
        where: Mapping[str, str] | None,
        number: int,
    ) -> int:
        """Make the live batches of `number` those of `base` that stay; return their rows."""
        name = table.name
        if number == 0 and base in (None, NOTHING):
            return 0
        wiped = where == {} or base == NOTHING
        old = [] if wiped else self._live(found, table, base, number)
        staying = [f for f in old if where is None or not inside(table, f[2], where)]
        now = {rowid for rowid, _, _, _ in found.execute(_LIVE, (name, number, number))}
        for rowid in now - {f[0] for f in staying}:
            found.execute("update lives set dropped = ? where rowid = ?", (number, rowid))
        for rowid, batch, values, _ in staying:
            if rowid not in now:
                _add(found, name, number, batch, msgspec.json.encode(values))
        return sum(rows for _, _, _, rows in staying)

    def _live(
        self, found: sqlite3.Connection, table: Table, base: int | None, number: int
    ) -> list[tuple[int, int, tuple[str, ...], int]]:
        start = self._number(found, table.name, number - 1 if base is None else base)
        stored = _schema(found, table.name, start)
        continued(table, stored, _partition(found, table.name, start), None)
        return [
            (rowid, batch, tuple(msgspec.json.decode(values)), rows)
            for rowid, batch, values, rows in found.execute(_LIVE, (table.name, start, start))
        ]

    def _number(self, found: sqlite3.Connection, name: str, as_of: int | None) -> int:
        newest = _newest(found, name)
        if newest is None:
            raise self.no_table(name)
        number = newest if as_of is None else as_of
        if not 0 <= number <= newest:
            raise no_version(name, number, range(newest + 1))
        return number

    def _batches(self, live: list[int], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        with self._read() as found:
            for batch in live:
                query = "select body from batches where id = ?"
                (body,) = found.execute(query, (batch,)).fetchone()
                yield pa.ipc.read_record_batch(pa.py_buffer(body), schema)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._disk.mkdir(self.path.parent)
        with _translated(self.path), _connected(_writable(self.path)) as found:
            found.execute("begin immediate")
            try:
                yield found
            except BaseException:
                found.execute("rollback") if found.in_transaction else None
                raise
            found.execute("commit")

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with _translated(self.path), _connected(_readable(self.path)) as found:
            yield found


@contextmanager
def _connected(found: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield found
    finally:
        found.close()


def _writable(path: Path) -> sqlite3.Connection:
    found = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    with _closed_on_failure(found):
        found.execute("pragma journal_mode = wal")
        found.execute("pragma synchronous = full")
        found.executescript(_TABLES)
    return found


@contextmanager
def _closed_on_failure(found: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        found.close()
        raise


def _readable(path: Path) -> sqlite3.Connection:
    """Open without writing: a file that is not there, or has no tables yet, is an empty store."""
    if not path.exists():
        return _empty()
    found = _opened(path, "")
    try:
        with _closed_on_failure(found):
            made = found.execute(_MADE).fetchone()
    except sqlite3.OperationalError:
        found = _opened(path, "&immutable=1")  # a folder that cannot hold the shared index
        with _closed_on_failure(found):
            made = found.execute(_MADE).fetchone()
    if made[0] == 0:
        found.close()
        return _empty()
    return found


def _empty() -> sqlite3.Connection:
    found = sqlite3.connect(":memory:", check_same_thread=False)
    found.executescript(_TABLES)
    return found


def _opened(path: Path, option: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode=ro{option}"
    return sqlite3.connect(
        uri, uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
    )


def _newest(found: sqlite3.Connection, name: str) -> int | None:
    query = "select max(number) from versions where name = ?"
    (number,) = found.execute(query, (name,)).fetchone()
    return None if number is None else int(number)


def _schema(found: sqlite3.Connection, name: str, number: int) -> pa.Schema:
    query = "select schema from versions where name = ? and number = ?"
    (body,) = found.execute(query, (name, number)).fetchone()
    return pa.ipc.read_schema(pa.py_buffer(body))


def _partition(found: sqlite3.Connection, name: str, number: int) -> tuple[str, ...]:
    query = "select partition from versions where name = ? and number = ?"
    (body,) = found.execute(query, (name, number)).fetchone()
    return tuple(msgspec.json.decode(body))


def _add(
    found: sqlite3.Connection, name: str, number: int, batch: int | None, values: bytes
) -> None:
    insert = "insert into lives (name, added, batch, partition) values (?, ?, ?, ?)"
    found.execute(insert, (name, number, batch, values))


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            raise StoreBusyError(
                f"another process is writing to {path}; wait for it, or end it",
                path=str(path),
                pid="unknown",
            ) from error
        raise StoreWriteError(
            f"cannot write {path}: {text}; name a store elsewhere", path=str(path)
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreReadError(f"{path} is no SQLite store: {error}", path=str(path)) from error
    except OSError as error:
        raise write_error(path, error) from error
