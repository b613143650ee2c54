"""Full rows in append-only Parquet parts, the layout other programs read; written once.

    <root>/<namespace>/<table>/world=<id>/run=<id>/part-<uuid>.parquet    rows
    <root>/<namespace>/_ticks/world=<id>/run=<id>/<number>-<first>.ticks  what was committed

A group of ticks is one part a table, with one group of rows a tick, and one file of `_ticks`,
which is written last: it is the commit. The first eight digits of a part's uuid are the number of
its group, so that parts which were never committed are known by their names.
"""

from __future__ import annotations

import io
import uuid
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from codeanatomy.ecs.backend import frame as framing
from codeanatomy.ecs.backend import value
from codeanatomy.store.errors import StoreReadError, StoreWriteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.backend.base import Birth, TickRecord
    from codeanatomy.ecs.backend.place import Place
    from codeanatomy.ecs.column import Column
    from codeanatomy.ecs.components import Component
    from codeanatomy.ecs.table import Table

NAMESPACE = "default"
TICKS = "_ticks"
EMPTY = "_"
"""The table of the archetype without components."""
BASE = (
    pa.field("entity_id", pa.int64(), nullable=False),
    pa.field("tick", pa.int64(), nullable=False),
    pa.field("is_active", pa.bool_(), nullable=False),
)
_LONGEST = 120  # of a folder's name, in characters
FORMAT = 1


class Rows(msgspec.Struct, frozen=True, array_like=True):
    """The rows of one table in one tick: the part, and which group of rows in it."""

    archetype: tuple[str, ...]
    part: int
    group: int
    rows: int
    dead: int


class TickRows(msgspec.Struct, frozen=True, array_like=True):
    """One tick: its tables, and what lies beside them, as bytes."""

    tick: int
    next_id: int
    sequence: int
    tables: tuple[Rows, ...]
    values: bytes


class Group(msgspec.Struct, frozen=True):
    """What one file of `_ticks` says: ticks in order, and the parts that their rows lie in."""

    format: int
    number: int
    birth: bytes
    components: bytes
    parts: tuple[str, ...]
    ticks: tuple[TickRows, ...]


class Home(NamedTuple):
    """One run of one world below a root."""

    place: Place
    namespace: str
    world: str
    run: str

    def folder(self, table: str) -> str:
        """Name the folder of a table's parts."""
        return f"{self.namespace}/{table}/world={self.world}/run={self.run}"

    def group(self, number: int, first: int) -> str:
        """Name the file that commits a group."""
        return f"{self.folder(TICKS)}/{number:08d}-{first:012d}.ticks"


def table_name(archetype: Archetype) -> str:
    """Name the table of an archetype: its components joined by dots, `_` for the empty set."""
    name = ".".join(archetype) or EMPTY
    if len(name) <= _LONGEST:
        return name
    digest = blake2b(name.encode(), digest_size=8).hexdigest()
    return f"{name[: _LONGEST - 17]}~{digest}"


def write_group(
    home: Home,
    records: Sequence[TickRecord],
    number: int,
    birth: Birth,
    known: Sequence[Component],
    codec: str = "zstd",
) -> Group:
    """Write ticks as one group, durably; all of it is seen when this returns, or nothing."""
    parts: list[str] = []
    try:
        group = _described(home, records, number, birth, known, parts, codec)
        commit_group(home.place, home.group(number, records[0].tick), group)
    except BaseException:
        for path in parts:
            with suppress(StoreWriteError):  # the first failure is the one to tell
                home.place.remove(path)
        raise
    return group


def rewrite_group(place: Place, group: Group, path: str, kept: Sequence[TickRows]) -> Group:
    """Describe a group anew, with new parts for the ticks that are kept; the old parts stay."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy: only this job needs it here

    parts: list[str] = []
    moved: dict[tuple[int, int], tuple[int, int]] = {}
    for number, part in enumerate(group.parts):
        wanted = [rows.group for tick in kept for rows in tick.tables if rows.part == number]
        if not wanted:
            continue
        sink = io.BytesIO()
        tables = [read_rows(place, part, [one]) for one in wanted]
        with pq.ParquetWriter(sink, tables[0].schema, compression="zstd") as writer:
            for position, table in enumerate(tables):
                writer.write_table(table, row_group_size=max(len(table), 1))
                moved[number, wanted[position]] = (len(parts), position)
        made = f"{part.rpartition('/')[0]}/part-{_uuid(group.number)}.parquet"
        place.write(made, sink.getbuffer())
        parts.append(made)
    ticks = tuple(
        msgspec.structs.replace(tick, tables=tuple(_moved(rows, moved) for rows in tick.tables))
        for tick in kept
    )
    changed = msgspec.structs.replace(group, parts=tuple(parts), ticks=ticks)
    commit_group(place, path, changed)
    return changed


def commit_group(place: Place, path: str, group: Group) -> None:
    """Write the file that makes the ticks of a group be there."""
    buffers, _ = framing.encode(framing.TICK, msgspec.msgpack.encode(group), ())
    place.write(path, b"".join(buffers))


def read_group(place: Place, path: str) -> Group:
    """Give what a file of `_ticks` says; raises `StoreReadError` where it is damaged."""
    data = place.read(path)
    found = framing.read_frame(lambda at, length: data[at : at + length], 0)
    if found is None:
        raise StoreReadError(f"{path} is damaged: its checksum does not match", path=path)
    group = msgspec.msgpack.decode(found.head, type=Group)
    if group.format > FORMAT:
        raise StoreReadError(f"{path} was written by a later version of this program", path=path)
    return group


def read_rows(place: Place, part: str, groups: Iterable[int]) -> pa.Table:
    """Give groups of rows of a part."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy: only readers of parts need it

    source = place.source(part)
    try:
        with pq.ParquetFile(source) as file:
            return file.read_row_groups(list(groups), use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise StoreReadError(f"cannot read {part}: {error}", path=part) from error
    finally:
        if hasattr(source, "close"):
            source.close()


def values_of(tick: TickRows) -> Mapping[str, Any]:
    """Give what lies beside the tables of a tick."""
    found: Mapping[str, Any] = value.decode(tick.values)
    return found


def full_rows(
    declared: Sequence[Column], tick: int, table: Table, gone: Table | None
) -> pa.RecordBatch:
    """Give all rows of a table in one tick, tombstones among them, by ascending entity id."""
    fields = [*BASE, *(pa.field(c.name, c.type, nullable=c.nullable) for c in declared)]
    schema = pa.schema(fields)
    whole = _batch(declared, schema, tick, table, active=True)
    if gone is None or not len(gone):
        return whole
    dead = _batch(declared, schema, tick, gone, active=False)
    both = pa.Table.from_batches([whole, dead]).combine_chunks()
    order = np.argsort(both["entity_id"].to_numpy(), kind="stable")
    return both.take(pa.array(order)).combine_chunks().to_batches()[0]


def _described(
    home: Home,
    records: Sequence[TickRecord],
    number: int,
    birth: Birth,
    known: Sequence[Component],
    parts: list[str],
    codec: str,
) -> Group:
    """Write the parts of a group, each named in `parts` by then; describe the group."""
    columns = {component.name: component.columns for component in known}
    rows: dict[int, list[Rows]] = {record.tick: [] for record in records}
    for archetype in sorted({change.archetype for r in records for change in r.tables}):
        declared = [column for name in archetype for column in columns[name]]
        data, groups = _part(archetype, declared, records, len(parts), codec)
        if groups:
            path = f"{home.folder(table_name(archetype))}/part-{_uuid(number)}.parquet"
            home.place.write(path, data)
            parts.append(path)
            for tick, found in groups.items():
                rows[tick].append(found)
    ticks = tuple(tick_rows(record, tuple(rows[record.tick])) for record in records)
    born = value.encode(tuple(birth))
    return Group(FORMAT, number, born, value.encode(known), tuple(parts), ticks)


def _batch(
    declared: Sequence[Column], schema: pa.Schema, tick: int, table: Table, *, active: bool
) -> pa.RecordBatch:
    rows = len(table)
    arrays = [
        pa.array(table.entity_id),
        pa.array(np.full(rows, tick, np.int64)),
        pa.array(np.full(rows, active, np.bool_)),
        *(column.to_arrow(table.columns[column.name]) for column in declared),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _part(
    archetype: Archetype,
    declared: Sequence[Column],
    records: Sequence[TickRecord],
    part: int,
    codec: str,
) -> tuple[memoryview, dict[int, Rows]]:
    """Give a Parquet file with one group of rows for every tick that has any."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy: only writers of parts need it

    sink = io.BytesIO()
    writer: pq.ParquetWriter | None = None
    groups: dict[int, Rows] = {}
    for record in records:
        change = next((c for c in record.tables if c.archetype == archetype), None)
        if change is None:
            continue
        batch = full_rows(declared, record.tick, change.table, change.tombstones)
        if not batch.num_rows:
            continue
        if writer is None:
            told = {b"codeanatomy.archetype": value.encode(archetype)}
            writer = pq.ParquetWriter(
                sink, batch.schema.with_metadata(told), compression=codec or "none"
            )
        writer.write_table(
            pa.Table.from_batches([batch]).replace_schema_metadata(writer.schema.metadata),
            row_group_size=batch.num_rows,
        )
        dead = 0 if change.tombstones is None else len(change.tombstones)
        groups[record.tick] = Rows(archetype, part, len(groups), len(change.table), dead)
    if writer is not None:
        writer.close()
    return sink.getbuffer(), groups


def tick_rows(record: TickRecord, rows: tuple[Rows, ...]) -> TickRows:
    """Describe a tick whose rows are written."""
    values = value.encode(
        {
            "reserved": record.reserved,
            "pending": record.pending,
            "resources": record.resources,
            "commands": record.commands,
        }
    )
    return TickRows(record.tick, record.next_id, record.sequence, rows, values)


def _moved(rows: Rows, moved: Mapping[tuple[int, int], tuple[int, int]]) -> Rows:
    part, group = moved[rows.part, rows.group]
    return msgspec.structs.replace(rows, part=part, group=group)


def _uuid(number: int) -> str:
    """Make a uuid that begins with the number of a group."""
    made = uuid.uuid4()
    return str(uuid.UUID(int=(number << 96) | (made.int & ((1 << 96) - 1))))


def number_of(part: str) -> int:
    """Give the number of the group a part belongs to, from its name."""
    return int(part.rpartition("part-")[2][:8], 16)
