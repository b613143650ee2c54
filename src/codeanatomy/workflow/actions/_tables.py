"""The log behind a table: small rows as documents, large batches as Parquet, newest version wins.

A row's id is the hash of its primary key; what happened to it is a document `{id}_{version}` with
`_op` I, U or D. Reading keeps the newest version of every id and drops those that were deleted.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._results import Failed

if TYPE_CHECKING:
    import duckdb

    from codeanatomy.workflow.storage.blob import BlobStorage
    from codeanatomy.workflow.storage.metadata import MetadataStore

Row = dict[str, Any]

TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "float": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
}
INLINED_BELOW = 1024  # bytes of JSON
_MEMORY = "1GB"  # that a query may use
_LOG = {"_row_id": "VARCHAR", "_version": "BIGINT", "_op": "VARCHAR"}
_CHECKS = {"string": str, "integer": int, "float": int | float, "boolean": bool}


@dataclass(frozen=True, slots=True)
class Table:
    """What was declared of a table."""

    name: str
    schema: dict[str, str]
    keys: list[str]

    @property
    def inlined(self) -> str:
        """The collection that holds its small rows."""
        return f"ducklake_inlined_{self.name}_rows"

    def row_id(self, row: Row) -> str:
        """Return the first 16 hex digits of the hash of a row's primary key."""
        key = {column: row[column] for column in self.keys}
        text = json.dumps(key, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def check(self, row: Row) -> None:
        """Raise Failed unless the row has its key and only known columns with fitting values."""
        missing = [column for column in self.keys if row.get(column) is None]
        unknown = [column for column in row if column not in self.schema]
        if missing or unknown:
            what = f"lacks {missing}" if missing else f"has unknown columns {unknown}"
            raise Failed(f"A row of table '{self.name}' {what}", "validation_error")
        for column, value in row.items():
            self._check_value(column, value)

    def _check_value(self, column: str, value: object) -> None:
        kind = self.schema[column]
        if value is None or (kind == "timestamp" and _is_time(value)):
            return
        wanted = _CHECKS.get(kind)
        boolean = isinstance(value, bool) and kind != "boolean"
        if wanted is None or boolean or not isinstance(value, wanted):
            told = f"Column '{column}' of table '{self.name}' holds {kind}, got {value!r}"
            raise Failed(told, "validation_error")


class Tables:
    """The tables of one metadata store and one blob storage."""

    def __init__(self, store: MetadataStore, blobs: BlobStorage) -> None:
        self._store = store
        self._blobs = blobs

    def create(self, name: str, schema: dict[str, str], keys: list[str]) -> bool:
        """Declare a table; tell whether the name was free."""
        body = {"schema": schema, "primary_key": keys, "version": 0}
        return self._store.add("ducklake_tables", name, body)

    def open(self, name: str) -> Table:
        """Return a declared table; raises Failed (not_found)."""
        body = self._store.get("ducklake_tables", name)
        if body is None:
            raise Failed(f"Table '{name}' not found", "not_found")
        return Table(name, body["schema"], body["primary_key"])

    def append(self, table: Table, rows: list[Row]) -> Row:
        """Log new rows; return where they are stored, and the version."""
        import duckdb  # noqa: F401 - a table that could not be read back must not be written

        size = len(json.dumps(rows, default=str).encode())
        version = self._next_version(table)
        logged = [_logged(table, row, version, "I") for row in rows]
        if size < INLINED_BELOW:
            self._log(table, logged)
            return {"storage": "inlined", "version": version}
        newest = {row["_row_id"]: row for row in logged}
        path = self._write_parquet(table, list(newest.values()), version)
        self._store.put("ducklake_files", path, {"table": table.name, "version": version})
        return {"storage": "parquet", "version": version, "parquet_path": path}

    def change(self, table: Table, where: Row, updates: Row) -> int:
        """Log a new version of a row; raises Failed (not_found, deleted_row)."""
        old = self._newest(table, where)
        if old is None:
            raise Failed(f"No row of table '{table.name}' has the key {where}", "not_found")
        if old["_op"] == "D":
            raise Failed(f"The row {where} of table '{table.name}' was deleted", "deleted_row")
        row = {**{column: old.get(column) for column in table.schema}, **updates}
        table.check(row)
        version = self._next_version(table)
        self._log(table, [_logged(table, row, version, "U")])
        return version

    def remove(self, table: Table, where: Row) -> int:
        """Log that a row is no more."""
        key = {column: where[column] for column in table.keys}
        version = self._next_version(table)
        self._log(table, [_logged(table, key, version, "D")])
        return version

    def query(self, table: Table, sql: str) -> tuple[list[Row], dict[str, int]] | None:
        """Ask the live rows; None when nothing was ever logged. SQL cannot reach outside."""
        files, documents = self._parts(table)
        if not files and not documents:
            return None
        with self._connect(table, files, documents) as db:
            sources = _sources(db)
            db.execute("CREATE TABLE data AS SELECT * EXCLUDE (_op) FROM newest WHERE _op <> 'D'")
            db.execute("ALTER TABLE data DROP COLUMN _row_id")
            db.execute("ALTER TABLE data DROP COLUMN _version")
            db.execute("DROP TABLE newest")
            db.execute(f"SET memory_limit='{_MEMORY}'")
            db.execute("SET temp_directory=''")
            db.execute("SET enable_external_access=false")
            db.execute("SET lock_configuration=true")
            return _ask(db, sql), sources

    def consolidate(self, table: Table) -> Row:
        """Put one Parquet file in the place of all files and documents."""
        files, documents = self._parts(table)
        if not files and not documents:
            return {"status": "skipped", "reason": "no_data"}
        if len(files) == 1 and not documents:
            return {"status": "skipped", "reason": "already_consolidated"}
        with self._connect(table, files, documents) as db:
            rows = _ask(db, "SELECT * FROM newest WHERE _op <> 'D' ORDER BY _row_id")
        path = self._write_parquet(table, rows, self._next_version(table))
        snapshot = self._swap(table, files, [key for key, _ in documents], path)
        return {
            "status": "consolidated",
            "files_merged": len(files),
            "inlined_rows": len(documents),
            "total_rows": len(rows),
            "parquet_path": path,
            "snapshot_id": snapshot,
        }

    def _swap(self, table: Table, files: list[str], keys: list[str], path: str) -> str:
        snapshot = f"{table.name}_{uuid.uuid4().hex[:12]}"
        with self._store.transaction():
            self._store.put("ducklake_files", path, {"table": table.name})
            self._store.put("ducklake_snapshots", snapshot, {"table": table.name, "file": path})
            self._store.delete("ducklake_files", files)
            self._store.delete(table.inlined, keys)
        for old in files:  # nothing names them any more
            self._blobs.delete(old)
        return snapshot

    def _next_version(self, table: Table) -> int:
        with self._store.transaction():
            body = self._store.get("ducklake_tables", table.name) or {}
            version = max(time.time_ns() // 1_000_000, int(body.get("version", 0)) + 1)
            self._store.put("ducklake_tables", table.name, {**body, "version": version})
        return version

    def _log(self, table: Table, rows: list[Row]) -> None:
        with self._store.transaction():
            for row in rows:
                self._store.put(table.inlined, f"{row['_row_id']}_{row['_version']}", row)

    def _parts(self, table: Table) -> tuple[list[str], list[tuple[str, Row]]]:
        files = [key for key, _ in self._store.find("ducklake_files", table=table.name)]
        return files, self._store.find(table.inlined)

    def _newest(self, table: Table, where: Row) -> Row | None:
        files, documents = self._parts(table)
        with self._connect(table, files, documents) as db:
            found = _ask(db, "SELECT * FROM newest WHERE _row_id = ?", [table.row_id(where)])
        return found[0] if found else None

    def _connect(
        self, table: Table, files: list[str], documents: list[tuple[str, Row]]
    ) -> duckdb.DuckDBPyConnection:
        """Return a database whose table `newest` has the last version of every row."""
        import duckdb

        db = duckdb.connect()
        db.execute(f"CREATE TABLE log ({_columns(table)}, _inlined BOOLEAN)")
        _fill(db, table, [row for _, row in documents])
        with tempfile.TemporaryDirectory() as folder:
            for number, name in enumerate(files):
                copy = Path(folder, f"{number}.parquet")
                copy.write_bytes(self._blobs.read(name))
                read = "INSERT INTO log BY NAME SELECT *, false AS _inlined FROM read_parquet(?)"
                db.execute(read, [str(copy)])
        db.execute(_NEWEST)
        return db

    def _write_parquet(self, table: Table, rows: list[Row], version: int) -> str:
        import duckdb

        name = f"ducklake/{table.name}/{version}_{uuid.uuid4().hex[:8]}.parquet"
        with tempfile.TemporaryDirectory() as folder, duckdb.connect() as db:
            db.execute(f"CREATE TABLE log ({_columns(table)}, _inlined BOOLEAN)")
            _fill(db, table, rows)
            written = Path(folder, "rows.parquet")
            db.sql("SELECT * EXCLUDE (_inlined) FROM log").write_parquet(str(written))
            self._blobs.write(name, written.read_bytes())
        return name


_NEWEST = """
CREATE TABLE newest AS SELECT * EXCLUDE (_inlined) FROM log
QUALIFY row_number() OVER (PARTITION BY _row_id ORDER BY _version DESC) = 1
"""


def _logged(table: Table, row: Row, version: int, op: str) -> Row:
    return {**row, "_row_id": table.row_id(row), "_version": version, "_op": op}


def _columns(table: Table) -> str:
    declared = {column: TYPES[kind] for column, kind in table.schema.items()}
    return ", ".join(f"{_quoted(name)} {kind}" for name, kind in {**declared, **_LOG}.items())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _fill(db: duckdb.DuckDBPyConnection, table: Table, rows: list[Row]) -> None:
    if not rows:
        return
    names = [*table.schema, *_LOG]
    import pyarrow as pa

    kinds = {
        "string": pa.string(),
        "integer": pa.int64(),
        "float": pa.float64(),
        "boolean": pa.bool_(),
        "timestamp": pa.string(),  # the database reads the text of a time
        "VARCHAR": pa.string(),
        "BIGINT": pa.int64(),
    }
    wanted = {**table.schema, **_LOG}
    columns = {
        name: pa.array([_plain(row.get(name), wanted[name]) for row in rows], kinds[wanted[name]])
        for name in names
    }
    db.register("batch", pa.table(columns))
    db.execute("INSERT INTO log BY NAME SELECT *, true AS _inlined FROM batch")
    db.unregister("batch")


def _plain(value: Any, kind: str) -> Any:
    return str(value) if kind == "timestamp" and value is not None else value


def _is_time(value: object) -> bool:
    if isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return False
        return True
    return isinstance(value, datetime)


def _sources(db: duckdb.DuckDBPyConnection) -> dict[str, int]:
    counts = _ask(
        db,
        "SELECT (SELECT count(*) FROM log WHERE NOT _inlined) AS parquet_rows,"
        " (SELECT count(*) FROM log WHERE _inlined) AS inlined_rows,"
        " (SELECT count(*) FROM newest) AS merged_rows,"
        " (SELECT count(*) FROM newest WHERE _op <> 'D') AS live_rows",
    )[0]
    db.execute("DROP TABLE log")
    return counts


def _ask(db: duckdb.DuckDBPyConnection, sql: str, values: list[Any] | None = None) -> list[Row]:
    import duckdb

    try:
        answer = db.execute(sql, values or [])
        names = [column[0] for column in answer.description or []]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    except duckdb.Error as error:
        raise Failed(f"SQL failed: {error}", "query_error") from error
