"""A store that lives and dies with its process: lists of batches, for tests and short work."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from codeanatomy.store.base import NOTHING, Capabilities, Store, Version, no_version, overtaken
from codeanatomy.store.conform import conform, declared
from codeanatomy.store.select import continued, select
from codeanatomy.store.split import Partition, check_where, inside, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from codeanatomy.kernel.schema import Table

CAPABILITIES = Capabilities(
    backend="memory",
    durable=False,
    concurrent_writers=False,
    time_travel=True,
    replace=True,
    sql_source=True,
    unsupported=("vacuum", "optimise", "checkpoint", "restore"),
)


class MemoryStore(Store):
    """Tables as lists of batches; versions share the batches they have in common."""

    capabilities = CAPABILITIES

    def __init__(self, uri: str = "memory://", clock: Callable[[], int] = time.time_ns) -> None:
        self.uri = uri
        self._clock = clock
        self._lock = threading.Lock()
        self._versions: dict[str, list[_Content]] = {}

    def tables(self) -> tuple[str, ...]:
        """Name every table written so far."""
        return tuple(sorted(self._versions))

    def version(self, name: str) -> int | None:
        """Count the versions of a table."""
        found = self._versions.get(name)
        return len(found) - 1 if found else None

    def append(self, table: Table, data: object, *, base: int | None = None) -> int:
        """Keep the batches of `data` beside those of `base`."""
        return self._commit(table, data, "append", {}, base)

    def replace(
        self, table: Table, data: object, where: Mapping[str, str], *, base: int | None = None
    ) -> int:
        """Keep the batches of other partitions, and those of `data`."""
        check_where(table, where)
        return self._commit(table, data, "replace", where, base)

    def scan(
        self,
        name: str,
        *,
        as_of: int | None = None,
        columns: Sequence[str] | None = None,
        where: Mapping[str, str] | None = None,
    ) -> pa.RecordBatchReader:
        """Stream the kept batches; nothing is copied."""
        content = self._content(name, as_of)
        return select(name, content.reader(), columns, where)

    def history(self, name: str) -> list[Version]:
        """List the versions, oldest first."""
        if name not in self._versions:
            raise self.no_table(name)
        return [content.version for content in self._versions[name]]

    def source(self, name: str, as_of: int | None = None) -> pa.Table:
        """Return one version as an Arrow table over the same batches."""
        return self._content(name, as_of).reader().read_all()

    def _content(self, name: str, as_of: int | None) -> _Content:
        versions = self._versions.get(name)
        if not versions:
            raise self.no_table(name)
        number = len(versions) - 1 if as_of is None else as_of
        if not 0 <= number < len(versions):
            raise no_version(name, number, range(len(versions)))
        return versions[number]

    def _commit(
        self,
        table: Table,
        data: object,
        operation: str,
        where: Mapping[str, str],
        base: int | None,
    ) -> int:
        schema, begun = table.arrow(), self.version(table.name)
        stream = split(table, conform(table, data), where)
        new = [(values, declared(rows, schema)) for values, rows in stream]
        with self._lock:
            if base is not None and begun != self.version(table.name):
                raise overtaken(table.name)
            kept = self._kept(table, operation, where, base)
            chunks = (*kept, *new)
            versions = self._versions.setdefault(table.name, [])
            rows = sum(batch.num_rows for _, batch in chunks)
            facts = {"operation": operation, "where": dict(where), "base": base}
            version = Version(len(versions), rows, self._clock() // 1000, facts)
            versions.append(_Content(version, schema, table.partition, chunks))
            return version.number

    def _kept(
        self, table: Table, operation: str, where: Mapping[str, str], base: int | None
    ) -> list[tuple[Partition, pa.RecordBatch]]:
        fresh = base is None and table.name not in self._versions
        if fresh or base == NOTHING or (operation == "replace" and not where):
            return []
        old = self._content(table.name, base)
        continued(table, old.schema, old.partition, old)
        if operation == "append":
            return list(old.chunks)
        return [chunk for chunk in old.chunks if not inside(table, chunk[0], where)]


class _Content(NamedTuple):
    """One version of one table."""

    version: Version
    schema: pa.Schema
    partition: tuple[str, ...]
    chunks: tuple[tuple[Partition, pa.RecordBatch], ...]

    def reader(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self.schema, [batch for _, batch in self.chunks])
