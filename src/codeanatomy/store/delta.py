"""A store of Delta tables in one folder: we write the Parquet files, deltalake commits them."""

from __future__ import annotations

import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import deltalake
import msgspec
import pyarrow as pa
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import (
    AddAction,
    CommitProperties,
    PostCommitHookProperties,
    RemoveAction,
    create_table_with_add_actions,
)

from codeanatomy.store.base import NOTHING, Capabilities, Store, Version, no_version
from codeanatomy.store.disk import Disk, folders, write_error
from codeanatomy.store.errors import StoreConflictError, StoreReadError, StoreWriteError
from codeanatomy.store.parts import write_parts
from codeanatomy.store.select import constant, continued, pick
from codeanatomy.store.split import check_where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from codeanatomy.kernel.schema import Table
    from codeanatomy.store.parts import Part

CAPABILITIES = Capabilities(
    backend="delta",
    durable=True,
    concurrent_writers=True,
    time_travel=True,
    replace=True,
    sql_source=True,
)

_CONFIGURATION = {"delta.enableExpiredLogCleanup": "false"}  # a pinned version is never forgotten
_HOOKS = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
_ROWS, _FACTS, _WRITE = "codeanatomyRows", "codeanatomyFacts", "codeanatomyWrite"


class DeltaStore(Store):
    """One Delta table a folder; versions are Delta's own."""

    capabilities = CAPABILITIES

    def __init__(
        self, root: Path, disk: Disk | None = None, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self.root = root
        self.uri = f"delta://{root.absolute()}"
        self._disk = disk or Disk()
        self._clock = clock

    def tables(self) -> tuple[str, ...]:
        return tuple(f.name for f in folders(self.root) if (f / "_delta_log").is_dir())

    def version(self, name: str) -> int | None:
        found = self._find(name)
        return None if found is None else found.version()

    def append(self, table: Table, data: object, *, base: int | None = None) -> int:
        return self._write(table, data, None, base)

    def replace(
        self, table: Table, data: object, where: Mapping[str, str], *, base: int | None = None
    ) -> int:
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
        dataset = self._dataset(self.source(name, as_of))
        wanted = pick(name, dataset.schema, columns, where)
        return dataset.scanner(wanted, filter=_filter(dataset.schema, where)).to_reader()

    def history(self, name: str) -> list[Version]:
        with _reading(self.root / name):
            commits = self.source(name).history()
        return sorted((self._version(name, c) for c in commits), key=lambda v: v.number)

    def source(self, name: str, as_of: int | None = None) -> deltalake.DeltaTable:
        found = self._find(name)
        if found is None:
            raise self.no_table(name)
        if as_of is not None and as_of != found.version():
            if not 0 <= as_of <= found.version():
                raise no_version(name, as_of, range(found.version() + 1))
            with _reading(self.root / name):
                found.load_as_version(as_of)
        return found

    def _find(self, name: str) -> deltalake.DeltaTable | None:
        folder = self.root / name
        if not (folder / "_delta_log").is_dir():
            return None
        with _reading(folder):
            try:
                return deltalake.DeltaTable(folder)
            except TableNotFoundError:
                return None

    def _write(
        self, table: Table, data: object, where: Mapping[str, str] | None, base: int | None
    ) -> int:
        folder = self.root / table.name
        self._disk.mkdir(folder)
        found = self._continue_from(table, base, wiped=where == {} or base == NOTHING)
        parts = write_parts(self._disk, folder, table, data, where or {})
        self._disk.fsync_dir(folder)
        try:
            with _writing(folder):
                return self._commit(found, table, parts, where, base)
        except BaseException:
            for part in parts:
                (folder / part.path).unlink(missing_ok=True)
            raise

    def _continue_from(
        self, table: Table, base: int | None, *, wiped: bool
    ) -> deltalake.DeltaTable | None:
        """Return the table with the content of `base` as its newest version."""
        found = self._find(table.name)
        if found is None:
            if base not in (None, NOTHING):
                raise no_version(table.name, base or 0, ())
            return None
        if wiped:
            return self._reshaped(found, table)
        if base is not None and base != found.version():
            self.source(table.name, base)
            with _writing(self.root / table.name):
                found.restore(base, commit_properties=_note(operation="restore", base=base))
                found.update_incremental()
        return continued(table, _schema(found), found)

    def _reshaped(self, found: deltalake.DeltaTable, table: Table) -> deltalake.DeltaTable:
        """Give a table that is about to lose all its rows the declared columns."""
        if _schema(found).equals(table.arrow()):
            return found
        with _writing(self.root / table.name):
            deltalake.write_deltalake(
                found,
                table.arrow().empty_table(),
                mode="overwrite",
                schema_mode="overwrite",
                partition_by=list(table.partition) or None,
                commit_properties=_note(operation="reshape", rows=0),
            )
            found.update_incremental()
        return found

    def _commit(
        self,
        found: deltalake.DeltaTable | None,
        table: Table,
        parts: list[Part],
        where: Mapping[str, str] | None,
        base: int | None,
    ) -> int:
        now = self._clock() // 1_000_000
        adds = [_add(table, part, now) for part in parts]
        old = [] if found is None else _files(found)
        gone = [f for f in old if _is_replaced(f, where, wiped=base == NOTHING)]
        rows = sum(p.rows for p in parts) + sum(f["num_records"] for f in old if f not in gone)
        write = uuid.uuid4().hex
        note = _note(
            operation="append" if where is None else "replace",
            where=dict(where or {}),
            base=base,
            rows=rows,
            write=write,
        )
        if found is None:
            self._create(table, adds, note)
        else:
            found.create_write_transaction(
                [*adds, *(_remove(f, now) for f in gone)],
                "append",
                table.arrow(),
                list(table.partition),
                commit_properties=note,
                post_commithook_properties=_HOOKS,
            )
        return self._committed(table.name, write, -1 if found is None else found.version())

    def _create(self, table: Table, adds: list[AddAction], note: CommitProperties) -> None:
        create_table_with_add_actions(
            str(self.root / table.name),
            deltalake.Schema.from_arrow(table.arrow()),
            adds,
            mode="error",
            partition_by=list(table.partition),
            name=table.name,
            description=table.meaning,
            configuration=_CONFIGURATION,
            commit_properties=note,
            post_commithook_properties=_HOOKS,
        )

    def _committed(self, name: str, write: str, before: int) -> int:
        """Find the number that our commit got, and make its log entry durable."""
        log = self.root / name / "_delta_log"
        number = before + 1
        while write not in (entry := log / f"{number:020}.json").read_text(encoding="utf-8"):
            number += 1
        self._disk.fsync(entry)
        for folder in (log, self.root / name, self.root):
            self._disk.fsync_dir(folder)
        return number

    def _dataset(self, found: deltalake.DeltaTable) -> Any:  # noqa: ANN401 - pyarrow.dataset is untyped
        from pyarrow import fs  # noqa: PLC0415 - heavy: only reads need it

        files = fs.SubTreeFileSystem(str(Path(found.table_uri.removeprefix("file://"))), fs.LocalFileSystem())
        with _reading(self.root):
            return found.to_pyarrow_dataset(filesystem=files)

    def _version(self, name: str, commit: dict[str, Any]) -> Version:
        rows = commit.get(_ROWS)
        if rows is None:
            rows = sum(f["num_records"] for f in _files(self.source(name, commit["version"])))
        facts = commit.get(_FACTS) or {"operation": commit.get("operation")}
        return Version(commit["version"], rows, commit["timestamp"] * 1000, facts)


def _schema(found: deltalake.DeltaTable) -> pa.Schema:
    return pa.schema(found.schema().to_arrow())


def _files(found: deltalake.DeltaTable) -> list[dict[str, Any]]:
    """List the live files of a table version: path, size_bytes, num_records, partition."""
    wanted = ["path", "size_bytes", "num_records", "partition"]
    actions = pa.table(found.get_add_actions())
    return actions.select([n for n in wanted if n in actions.column_names]).to_pylist()


def _is_replaced(
    file: dict[str, Any], where: Mapping[str, str] | None, *, wiped: bool
) -> bool:
    if wiped:
        return True
    if where is None:
        return False
    own = file.get("partition") or {}
    return all(str(own[name]) == value for name, value in where.items())


def _add(table: Table, part: Part, now: int) -> AddAction:
    stats = {
        "numRecords": part.rows,
        "minValues": part.low,
        "maxValues": part.high,
        "nullCount": part.nulls,
    }
    return AddAction(
        path=part.path,
        size=part.size,
        partition_values=dict(zip(table.partition, part.partition, strict=True)),
        modification_time=now,
        data_change=True,
        stats=msgspec.json.encode(stats).decode(),
    )


def _remove(file: dict[str, Any], now: int) -> RemoveAction:
    own = {k: None if v is None else str(v) for k, v in (file.get("partition") or {}).items()}
    return RemoveAction(file["path"], True, now, file["size_bytes"], own)


def _note(
    *, operation: str, rows: int | None = None, write: str = "", **facts: object
) -> CommitProperties:
    found: dict[str, Any] = {_FACTS: {"operation": operation, **facts}, _WRITE: write}
    return CommitProperties(found if rows is None else found | {_ROWS: rows})


def _filter(schema: pa.Schema, where: Mapping[str, str] | None) -> Any:  # noqa: ANN401 - a pyarrow expression
    from pyarrow import compute  # noqa: PLC0415 - heavy: only reads need it

    found = None
    for name, text in (where or {}).items():
        one = compute.field(name) == constant(schema.field(name), text)
        found = one if found is None else found & one
    return found


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except CommitFailedError as error:
        raise StoreConflictError(
            f"another writer changed {folder} first: {error}; build again on the newest version",
            path=str(folder),
        ) from error
    except DeltaError as error:
        raise StoreWriteError(f"cannot commit to {folder}: {error}", path=str(folder)) from error
    except OSError as error:
        raise write_error(folder, error) from error


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    try:
        yield
    except TableNotFoundError:
        raise
    except (DeltaError, OSError) as error:
        raise StoreReadError(f"cannot read {folder}: {error}", path=str(folder)) from error
