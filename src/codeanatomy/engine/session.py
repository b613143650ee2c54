"""The one place that opens a DataFusion session: its size, its tables, its functions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
from datafusion import RuntimeEnvBuilder, SessionConfig, SessionContext, SQLOptions

from codeanatomy.engine.errors import refused
from codeanatomy.engine.registry import udfs
from codeanatomy.engine.table_function import TableFunction
from codeanatomy.kernel.errors import SpecError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from datafusion import DataFrame

NAME = re.compile(r"[a-z_][a-z0-9_]*")
LEAST_MEMORY = 96 << 20  # bytes: below this a sort that spills may find no room to merge
SPILL_SHARE = 8  # of memory, one part in so many is kept for merging spilled runs

# A scan of files that steals work between partitions is empty from the second round of a recursive
# query on (DataFusion 55), so that it would stop after one level in silence.
# Plain strings out of Parquet and of SQL literals, no view types. A subquery in an expression is
# planned as a join, because the lineage can see a join and not into an expression. Rows are sorted
# in one run: sorted in several, each may fill the memory that another needs to merge.
SETTINGS = {
    "datafusion.execution.parquet.schema_force_view_types": "false",
    "datafusion.sql_parser.map_string_types_to_utf8view": "false",
    "datafusion.catalog.information_schema": "true",
    "datafusion.optimizer.repartition_sorts": "false",
    "datafusion.execution.enable_file_stream_work_stealing": "false",
    "datafusion.optimizer.enable_physical_uncorrelated_scalar_subquery": "false",
}


class Size(msgspec.Struct, frozen=True):
    """How much of the machine a session may use, for repositories of up to `files` files."""

    name: str
    files: int | None
    partitions: int
    batch_rows: int
    memory_bytes: int


SIZES = (
    Size("small", 50, partitions=1, batch_rows=8_192, memory_bytes=256 << 20),
    Size("medium", 500, partitions=2, batch_rows=16_384, memory_bytes=512 << 20),
    Size("large", None, partitions=4, batch_rows=32_768, memory_bytes=1024 << 20),
)


def size_for(files: int) -> Size:
    """Return the least size that holds a repository of so many files."""
    return next(size for size in SIZES if size.files is None or files <= size.files)


def size_named(name: str) -> Size:
    """Return the size called `name`; raises `UnknownNameError`."""
    for size in SIZES:
        if size.name == name:
            return size
    known = ", ".join(size.name for size in SIZES)
    raise UnknownNameError(f"no session size {name!r}; the sizes are {known}", name=name)


class Session:
    """Tables and views under plain lower-case names, each registered once, and our functions.

    `spill` is an existing folder, or one to create, that DataFusion writes to when memory is
    short; without it, the system's temporary folder. `partitions` overrides the size's.
    """

    def __init__(
        self,
        size: Size = SIZES[0],
        *,
        partitions: int | None = None,
        memory_bytes: int | None = None,
        spill: Path | str | None = None,
    ) -> None:
        self.size = msgspec.structs.replace(
            size,
            partitions=size.partitions if partitions is None else partitions,
            memory_bytes=size.memory_bytes if memory_bytes is None else memory_bytes,
        )
        if self.size.partitions < 1 or self.size.memory_bytes < LEAST_MEMORY:
            raise SpecError(
                f"a session needs 1 partition and {LEAST_MEMORY} bytes at least, not "
                f"{self.size.partitions} and {self.size.memory_bytes}"
            )
        self.context: SessionContext = _opened(self.size, None if spill is None else Path(spill))
        self._tables: dict[str, pa.Table] = {}
        self._functions: list[TableFunction] = []

    def settings(self) -> dict[str, str]:
        """Return every setting of this session by name: what belongs in an envelope's hash."""
        sql = "select name, value from information_schema.df_settings order by name"
        rows = self.frame(sql).to_pylist()
        own = {"codeanatomy.memory_bytes": str(self.size.memory_bytes)}
        return own | {row["name"]: row["value"] or "" for row in rows}

    def register(
        self,
        name: str,
        source: Any,  # noqa: ANN401 - whatever offers rows to Arrow or to DataFusion
        *,
        partitions: int | None = None,
    ) -> None:
        """Make rows known under `name`.

        `source` is an Arrow table, a sequence of record batches, a PyArrow dataset, or anything
        DataFusion can scan itself, as a Delta table. Arrow rows are cut, in order, into
        `partitions` runs of about equal length (the session's number by default).
        """
        self._refuse_name(name)
        if isinstance(source, (list, tuple)):
            source = pa.Table.from_batches(source)
        if isinstance(source, pa.Table):
            batches = _batches(source, self.size.batch_rows)
            runs = _runs(batches, partitions or self.size.partitions)
            self.context.register_record_batches(name, runs)
            self._tables[name] = pa.Table.from_batches(batches)
        else:
            self.context.register_table(name, source)

    def view(self, name: str, sql: str) -> None:
        """Make the rows of `sql` known under `name`, computed anew wherever it is read."""
        self._refuse_name(name)
        self.context.register_view(name, self.frame(sql))

    def table_function(self, name: str, call: Callable[..., pa.Table]) -> None:
        """Make `call` known as a table function: `SELECT * FROM name('a', 2)`.

        It is called with the constants of the SQL while a SELECT is planned, and may itself ask
        this session; what it raises reaches whoever asked.
        """
        found = TableFunction(name, call)
        self.context.register_udtf(found.declared())
        self._functions.append(found)

    def drop(self, name: str) -> None:
        """Forget the table or view `name`, and let go of its rows."""
        self._refuse_unknown(name)
        self.context.deregister_table(name)
        self._tables.pop(name, None)

    def names(self) -> list[str]:
        """Name every table and view, sorted."""
        return sorted(self.context.catalog().schema().names())

    def schema(self, name: str) -> pa.Schema:
        """Return the Arrow schema of the table or view `name`."""
        self._refuse_unknown(name)
        return self.context.table(name).schema()

    def table(self, name: str) -> pa.Table:
        """Return all rows of `name`; those of a registered Arrow table in order, uncopied."""
        self._refuse_unknown(name)
        known = self._tables.get(name)
        return known if known is not None else self.context.table(name).to_arrow_table()

    def frame(self, sql: str, parameters: Mapping[str, object] | None = None) -> DataFrame:
        """Plan one SELECT, without running it; `$name` in it stands for a parameter.

        Raises `QueryError` for anything that is not valid or would do more than read, and what a
        table function raises.
        """
        try:
            return self.context.sql_with_options(sql, _only_reads(), dict(parameters or {}))
        except Exception as error:
            self._raise_own()
            names = self.names()
            columns = [column for name in names for column in self.schema(name).names]
            raise refused(error, sql, names, columns) from error

    def _raise_own(self) -> None:
        """Raise what a table function raised, once."""
        for function in self._functions:
            if raised := function.raised:
                function.raised = None
                raise raised

    def _refuse_name(self, name: str) -> None:
        if not NAME.fullmatch(name):
            raise SpecError(f"{name!r} is no table name: lower-case letters, digits, _", name=name)
        if self.context.table_exist(name):
            raise SpecError(f"a table {name!r} is already registered; drop it first", name=name)

    def _refuse_unknown(self, name: str) -> None:
        if not self.context.table_exist(name):
            known = ", ".join(self.names())
            raise UnknownNameError(f"no table {name!r}; there are {known}", name=name)


def _only_reads() -> SQLOptions:
    options = SQLOptions().with_allow_ddl(allow=False).with_allow_dml(allow=False)
    return options.with_allow_statements(allow=False)


def _opened(size: Size, spill: Path | None) -> SessionContext:
    config = SessionConfig().with_target_partitions(size.partitions)
    config = config.with_batch_size(size.batch_rows)
    reserved = str(size.memory_bytes // SPILL_SHARE)
    settings = SETTINGS | {"datafusion.execution.sort_spill_reservation_bytes": reserved}
    for key, value in settings.items():
        config = config.set(key, value)
    runtime = RuntimeEnvBuilder().with_fair_spill_pool(size.memory_bytes)
    if spill is None:
        runtime = runtime.with_disk_manager_os()
    else:
        spill.mkdir(parents=True, exist_ok=True)
        runtime = runtime.with_disk_manager_specified(spill)
    context = SessionContext(config, runtime)
    for function in udfs():
        context.register_udf(function)
    return context


def _batches(table: pa.Table, rows: int) -> list[pa.RecordBatch]:
    """Cut rows into batches; no row at all is one empty batch that has the schema.

    What is cut is copied: DataFusion counts the memory of a slice as that of the whole it was cut
    from, and would run out of a limit that is far away.
    """
    batches: list[pa.RecordBatch] = []
    for whole in table.to_batches():
        if whole.num_rows <= rows:
            batches.append(whole)
        else:
            starts = range(0, whole.num_rows, rows)
            batches += [_copied(whole.slice(start, rows)) for start in starts]
    return batches or [pa.RecordBatch.from_pylist([], schema=table.schema)]


def _copied(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.take(pa.array(np.arange(batch.num_rows)))


def _runs(batches: list[pa.RecordBatch], count: int) -> list[list[pa.RecordBatch]]:
    """Spread batches over `count` runs at most, in order, none empty."""
    length = -(-len(batches) // count)
    return [batches[start : start + length] for start in range(0, len(batches), length)]
