"""A store of Delta tables in one folder: we write the Parquet files, deltalake commits them."""

from __future__ import annotations

import errno
import os
import time
import uuid
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

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

from codeanatomy.store.base import NOTHING, Capabilities, Store, Version, no_version, overtaken
from codeanatomy.store.disk import Disk, folders, table_folder, write_error
from codeanatomy.store.errors import StoreConflictError, StoreReadError, StoreWriteError
from codeanatomy.store.parts import ZSTD_LEVEL, write_parts
from codeanatomy.store.select import condition, continued, guarded, pick
from codeanatomy.store.split import check_where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

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
_REASONS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)

_ATTEMPTS = 50
SAFE_HOURS = 24 * 7
"""Files younger than this may belong to a write that is not yet committed."""
_HOOKS = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
_CHANGE, _FACTS, _WRITE = "codeanatomyChange", "codeanatomyFacts", "codeanatomyWrite"


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
        """Name the folders that hold a Delta log."""
        return tuple(f.name for f in folders(self.root) if (f / "_delta_log").is_dir())

    def version(self, name: str) -> int | None:
        """Return the newest version in the Delta log."""
        found = self._find(name)
        return None if found is None else found.version()

    def append(self, table: Table, data: object, *, base: int | None = None) -> int:
        """Add Parquet files in one Delta commit; two writers at once both succeed."""
        return self._write(table, data, None, base)

    def replace(
        self, table: Table, data: object, where: Mapping[str, str], *, base: int | None = None
    ) -> int:
        """Add files and remove those of the partitions that `where` names, in one Delta commit."""
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
        """Stream the files of a version; those that statistics exclude are never opened."""
        dataset = self._dataset(name, self.source(name, as_of))
        wanted = pick(name, dataset.schema, columns, where)
        found = dataset.scanner(wanted, filter=condition(dataset.schema, where)).to_reader()
        return guarded(found, partial(_reading, self.root / name))

    def history(self, name: str) -> list[Version]:
        """List the commits of the Delta log, those of restores and upkeep among them."""
        with _reading(self.root / name):
            commits = self.source(name).history()
        found: list[Version] = []
        for commit in sorted(commits, key=lambda c: int(c["version"])):
            found.append(self._version(name, commit, found[-1] if found else None))
        return found

    def source(self, name: str, as_of: int | None = None) -> deltalake.DeltaTable:
        """Return the Delta table at one version: DataFusion reads it by itself."""
        found = self._find(name)
        if found is None:
            raise self.no_table(name)
        if as_of is not None and as_of != found.version():
            if not 0 <= as_of <= found.version():
                raise no_version(name, as_of, range(found.version() + 1))
            with _reading(self.root / name):
                found.load_as_version(as_of)
        return found

    def vacuum(self, name: str, *, keep: Sequence[int], delete: bool = False) -> list[str]:
        """List the files older than a week that no version in `keep` needs; `delete` removes them.

        `keep` is every version that some manifest pins.
        """
        with _writing(self.root / name):
            return self.source(name).vacuum(
                retention_hours=SAFE_HOURS,
                dry_run=not delete,
                keep_versions=list(keep),
                full=True,
                commit_properties=_note(operation="vacuum"),
                post_commithook_properties=_HOOKS,
            )

    def optimise(self, name: str) -> int:
        """Put the small files of each partition together; the rows stay. Return the version."""
        found = self.source(name)
        with _writing(self.root / name):
            found.optimize.compact(
                writer_properties=deltalake.WriterProperties(
                    compression="ZSTD", compression_level=ZSTD_LEVEL
                ),
                commit_properties=_note(operation="optimise"),
                post_commithook_properties=_HOOKS,
            )
        return self._newest(name)

    def checkpoint(self, name: str) -> None:
        """Sum the log up in one file, so that opening the table reads less."""
        with _writing(self.root / name):
            self.source(name).create_checkpoint()

    def restore(self, name: str, number: int) -> int:
        """Make the content of an older version the newest again, as a new version."""
        self.source(name, number)
        found = self.source(name)
        with _writing(self.root / name):
            found.restore(number, commit_properties=_note(operation="restore", base=number))
        return self._newest(name)

    def _newest(self, name: str) -> int:
        return int(self.source(name).version())

    def _find(self, name: str) -> deltalake.DeltaTable | None:
        folder = table_folder(self.root, name)
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
        folder = table_folder(self.root, table.name)
        self._disk.mkdir(folder)
        found = self._continue_from(table, base, wiped=where == {} or base == NOTHING)
        before = -1 if found is None else found.version()
        parts = write_parts(self._disk, folder, table, data, where or {})
        self._disk.fsync_dir(folder)
        write = uuid.uuid4().hex
        try:
            self._commit(_Write(table, parts, where, base, write), found)
        except BaseException:
            if self._landed(table.name, write, before) is None:
                for part in parts:
                    self._disk.unlink(folder / part.path)
            raise
        return self._made_durable(table.name, write, before)

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
            self.restore(table.name, base)
            found = self.source(table.name)
        return continued(table, _schema(found), found.metadata().partition_columns, found)

    def _reshaped(self, found: deltalake.DeltaTable, table: Table) -> deltalake.DeltaTable:
        """Give a table that is about to lose all its rows the declared columns."""
        stored = found.metadata().partition_columns
        if _schema(found).equals(table.arrow()) and tuple(stored) == table.partition:
            return found
        with _writing(self.root / table.name):
            deltalake.DeltaTable.create(
                self.root / table.name,
                deltalake.Schema.from_arrow(table.arrow()),
                mode="overwrite",
                partition_by=list(table.partition),
                name=table.name,
                description=table.meaning,
                configuration=_CONFIGURATION,
                commit_properties=_note(operation="reshape"),
                post_commithook_properties=_HOOKS,
            )
        return self.source(table.name)

    def _commit(self, write: _Write, found: deltalake.DeltaTable | None) -> None:
        """Commit; where another writer was faster, begin again on what that one made."""
        for attempt in range(_ATTEMPTS):
            try:
                with _writing(self.root / write.table.name):
                    self._attempt(write, found)
            except StoreConflictError:
                if write.base is not None or attempt == _ATTEMPTS - 1:
                    raise
                found = self._continue_from(write.table, None, wiped=write.where == {})
            else:
                return

    def _attempt(self, write: _Write, found: deltalake.DeltaTable | None) -> None:
        table, now = write.table, self._clock() // 1_000_000
        adds = [_add(table, part, now) for part in write.parts]
        if found is None:
            self._create(table, adds, write.note([]))
            return
        gone = [file for file in _files(found) if write.replaces(file)]
        found.create_write_transaction(
            [*adds, *(_remove(file, now) for file in gone)],
            "append",
            table.arrow(),
            list(table.partition),
            commit_properties=write.note(gone),
            post_commithook_properties=_HOOKS,
        )

    def _create(self, table: Table, adds: list[AddAction], note: CommitProperties) -> None:
        folder = self.root / table.name
        try:
            create_table_with_add_actions(
                str(folder),
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
        except DeltaError as error:
            if self._find(table.name) is None:
                raise
            raise overtaken(folder) from error

    def _landed(self, name: str, write: str, before: int) -> int | None:
        """Find the number that a commit got; None if it never reached the log."""
        number = before + 1
        while (entry := self._entry(name, number)).is_file():
            if write in entry.read_text(encoding="utf-8"):
                return number
            number += 1
        return None

    def _made_durable(self, name: str, write: str, before: int) -> int:
        number = self._landed(name, write, before)
        if number is None:
            raise StoreReadError(f"the log of {name} in {self.root} lost a commit", name=name)
        entry = self._entry(name, number)
        self._disk.fsync(entry)
        for folder in (entry.parent, self.root / name, self.root, self.root.absolute().parent):
            self._disk.fsync_dir(folder)
        return number

    def _entry(self, name: str, number: int) -> Path:
        return self.root / name / "_delta_log" / f"{number:020}.json"

    def _dataset(self, name: str, found: deltalake.DeltaTable) -> Any:  # noqa: ANN401 - pyarrow.dataset is untyped
        from pyarrow import fs  # noqa: PLC0415 - heavy: only reads need it

        files = fs.SubTreeFileSystem(str((self.root / name).absolute()), fs.LocalFileSystem())
        with _reading(self.root / name):
            return found.to_pyarrow_dataset(filesystem=files)

    def _version(self, name: str, commit: dict[str, Any], before: Version | None) -> Version:
        """Count the rows of a commit from what it changed: it may have been tried twice."""
        number = int(commit["version"])
        change = commit.get(_CHANGE)
        if change is None or (before is None and number > 0):
            rows = _rows(_files(self.source(name, number)))
        else:
            rows = (before.rows if before else 0) + change["added"] - change["removed"]
        facts = commit.get(_FACTS) or {"operation": commit.get("operation")}
        return Version(number, rows, commit["timestamp"] * 1000, facts)


class _Write(NamedTuple):
    """One write: its files are there, its commit is to come."""

    table: Table
    parts: list[Part]
    where: Mapping[str, str] | None
    base: int | None
    mark: str

    def replaces(self, file: dict[str, Any]) -> bool:
        """Say whether a live file goes when this write comes."""
        if self.base == NOTHING:
            return True
        if self.where is None:
            return False
        own = file.get("partition") or {}
        return all(str(own[name]) == value for name, value in self.where.items())

    def note(self, gone: list[dict[str, Any]]) -> CommitProperties:
        """Say in the commit what it changes; only a plain append may follow an unknown one."""
        found = _note(
            operation="append" if self.where is None else "replace",
            where=dict(self.where or {}),
            base=self.base,
        )
        change = {"removed": _rows(gone), "added": sum(part.rows for part in self.parts)}
        return CommitProperties(
            {**(found.custom_metadata or {}), _CHANGE: change, _WRITE: self.mark},
            max_commit_retries=None if self.where is None and self.base is None else 0,
        )


def _schema(found: deltalake.DeltaTable) -> pa.Schema:
    return pa.schema(found.schema().to_arrow())


def _files(found: deltalake.DeltaTable) -> list[dict[str, Any]]:
    """List the live files of a table version: path, size_bytes, num_records, partition."""
    wanted = ["path", "size_bytes", "num_records", "partition"]
    actions = pa.table(found.get_add_actions())
    rows: list[dict[str, Any]] = actions.select(
        [n for n in wanted if n in actions.column_names]
    ).to_pylist()
    return rows


def _rows(files: list[dict[str, Any]]) -> int:
    return sum(file["num_records"] for file in files)


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
    return RemoveAction(
        unquote(file["path"]),  # listed as a URL, wanted as a path
        data_change=True,
        deletion_timestamp=now,
        size=file["size_bytes"],
        partition_values=own,
    )


def _note(**facts: object) -> CommitProperties:
    """Say in the commit who made it, and why."""
    return CommitProperties({_FACTS: facts})


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except CommitFailedError as error:
        raise overtaken(folder) from error
    except DeltaError as error:
        raise _refused(folder, error) from error
    except OSError as error:
        raise (write_error if error.errno else _refused)(folder, error) from error


def _refused(folder: Path, error: Exception) -> StoreWriteError:
    """Find the reason in a text of deltalake's, which keeps no error number."""
    for number in _REASONS:
        if os.strerror(number) in str(error):
            return write_error(folder, OSError(number, os.strerror(number)))
    return StoreWriteError(f"cannot commit to {folder}: {error}", path=str(folder))


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    try:
        yield
    except TableNotFoundError:
        raise
    except (DeltaError, OSError, pa.ArrowException) as error:
        raise StoreReadError(f"cannot read {folder}: {error}", path=str(folder)) from error
