"""A store of plain Parquet files: a folder a table, a small sealed file for each version."""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow import compute, fs

from codeanatomy.store.base import NOTHING, Capabilities, Store, Version, no_version, overtaken
from codeanatomy.store.disk import Disk, folders, table_folder
from codeanatomy.store.errors import StoreReadError
from codeanatomy.store.parts import Part, write_parts
from codeanatomy.store.sealed import numbered, read_sealed, write_sealed
from codeanatomy.store.select import condition, constant, continued, guarded, pick
from codeanatomy.store.split import check_where, inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from codeanatomy.kernel.schema import Table

CAPABILITIES = Capabilities(
    backend="parquet",
    durable=True,
    concurrent_writers=True,
    time_travel=True,
    replace=True,
    sql_source=True,
    unsupported=("vacuum", "optimise", "checkpoint", "restore"),
)

_VERSIONS = "versions"
_ATTEMPTS = 50


class ParquetStore(Store):
    """Each version lists the part files it consists of; parts are never rewritten."""

    capabilities = CAPABILITIES

    def __init__(
        self, root: Path, disk: Disk | None = None, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self.root = root
        self.uri = f"parquet://{root.absolute()}"
        self._disk = disk or Disk()
        self._clock = clock

    def tables(self) -> tuple[str, ...]:
        """Name the folders that hold at least one whole version."""
        return tuple(f.name for f in folders(self.root) if self._newest(f.name) is not None)

    def version(self, name: str) -> int | None:
        """Return the number of the newest whole version file."""
        found = self._newest(name)
        return None if found is None else found.number

    def append(self, table: Table, data: object, *, base: int | None = None) -> int:
        """Add part files; two writers at once both succeed."""
        return self._write(table, data, None, base)

    def replace(
        self, table: Table, data: object, where: Mapping[str, str], *, base: int | None = None
    ) -> int:
        """Leave out the parts of the partitions that `where` names, and add new ones."""
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
        """Stream the parts of a version; partitions outside `where` are never opened."""
        dataset = self.source(name, as_of)
        wanted = pick(name, dataset.schema, columns, where)
        found = dataset.scanner(wanted, filter=condition(dataset.schema, where)).to_reader()
        return guarded(found, partial(_reading, self.root / name))

    def history(self, name: str) -> list[Version]:
        """List the whole versions, oldest first."""
        found = [self._read(path) for path in self._files(name)]
        if not any(found):
            raise self.no_table(name)
        return [Version(f.number, _rows(f.parts), f.timestamp, f.facts) for f in found if f]

    def source(self, name: str, as_of: int | None = None) -> ds.Dataset:
        """Return a pyarrow dataset over the parts of one version."""
        found = self._version(name, as_of)
        schema = pa.ipc.read_schema(pa.py_buffer(found.schema))
        layout = ds.ParquetFileFormat()
        place = fs.SubTreeFileSystem(str(self.root / name), fs.LocalFileSystem())
        fragments = [
            layout.make_fragment(part.path, place, _partition(schema, found.partition, part))
            for part in found.parts
        ]
        return ds.FileSystemDataset(fragments, schema, layout, place)

    def _write(
        self, table: Table, data: object, where: Mapping[str, str] | None, base: int | None
    ) -> int:
        folder = table_folder(self.root, table.name)
        self._kept(table, where, base)
        begun = self.version(table.name)
        self._disk.mkdir(folder / _VERSIONS)
        parts = write_parts(self._disk, folder, table, data, where or {})
        try:
            for place in (folder, self.root, self.root.absolute().parent):
                self._disk.fsync_dir(place)
            return self._commit(table, parts, where, base, begun)
        except BaseException:
            newest = self._newest(table.name)
            for part in parts:
                if newest is None or part not in newest.parts:
                    self._disk.unlink(folder / part.path)
            raise

    def _commit(
        self,
        table: Table,
        parts: list[Part],
        where: Mapping[str, str] | None,
        base: int | None,
        begun: int | None,
    ) -> int:
        """Write the next version file; begin again where another writer was faster."""
        operation = "append" if where is None else "replace"
        for _ in range(_ATTEMPTS):
            newest = self._newest(table.name)
            if base is not None and begun != (newest.number if newest else None):
                break
            content = _Content(
                number=0 if newest is None else newest.number + 1,
                timestamp=self._clock() // 1000,
                facts={"operation": operation, "where": dict(where or {}), "base": base},
                schema=table.arrow().serialize().to_pybytes(),
                partition=table.partition,
                parts=[*self._kept(table, where, base), *parts],
            )
            try:
                write_sealed(self._disk, self._path(table.name, content.number), content)
            except FileExistsError:
                continue
            return content.number
        raise overtaken(self.root / table.name)

    def _kept(self, table: Table, where: Mapping[str, str] | None, base: int | None) -> list[Part]:
        if base == NOTHING or where == {} or (base is None and self._newest(table.name) is None):
            return []
        old = self._version(table.name, base)
        schema = pa.ipc.read_schema(pa.py_buffer(old.schema))
        parts = continued(table, schema, old.partition, old.parts)
        return [p for p in parts if where is None or not inside(table, p.partition, where)]

    def _version(self, name: str, number: int | None) -> _Content:
        newest = self._newest(name)
        if newest is None:
            raise self.no_table(name)
        if number is None:
            return newest
        found = self._read(self._path(name, number))
        if found is None:
            raise no_version(name, number, range(newest.number + 1))
        return found

    def _newest(self, name: str) -> _Content | None:
        for path in reversed(self._files(name)):
            found = self._read(path)
            if found is not None:
                return found
        return None

    def _read(self, path: Path) -> _Content | None:
        with _reading(path):
            return read_sealed(path, _Content)

    def _files(self, name: str) -> list[Path]:
        return numbered(table_folder(self.root, name) / _VERSIONS)

    def _path(self, name: str, number: int) -> Path:
        return self.root / name / _VERSIONS / f"{number:08d}.json"


class _Content(msgspec.Struct, frozen=True):
    """One version as it is stored; `schema` is an Arrow IPC schema message."""

    number: int
    timestamp: int
    facts: dict[str, Any]
    schema: bytes
    partition: tuple[str, ...]
    parts: list[Part]


def _rows(parts: list[Part]) -> int:
    return sum(part.rows for part in parts)


def _partition(schema: pa.Schema, names: tuple[str, ...], part: Part) -> compute.Expression:
    found = compute.scalar(True)  # noqa: FBT003 - the neutral condition
    for name, text in zip(names, part.partition, strict=True):
        found = found & (compute.field(name) == constant(schema.field(name), text))
    return found


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise StoreReadError(f"cannot read {path}: {error}", path=str(path)) from error
