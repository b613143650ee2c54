"""Worlds as Delta tables: one table an archetype, one version a group of ticks.

    <root>/<namespace>/world=<id>/<table>/      the Delta tables of a world
    <root>/<namespace>/_ticks/...               what was committed: the versions of all tables

Delta has no transaction over several tables, so the file of `_ticks` is the commit: versions that
it does not name are never read, and the next write continues from those that it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from codeanatomy.ecs.backend import value
from codeanatomy.ecs.backend.base import Backend, Birth, Capabilities
from codeanatomy.ecs.backend.groups import Groups
from codeanatomy.ecs.backend.parquet import ParquetBackend, PartWriter
from codeanatomy.ecs.backend.parts import (
    FORMAT,
    Group,
    Home,
    Rows,
    commit_group,
    full_rows,
    table_name,
    tick_rows,
)
from codeanatomy.kernel.errors import UnsupportedError
from codeanatomy.kernel.schema import Column, Table
from codeanatomy.store.base import NOTHING
from codeanatomy.store.delta import DeltaStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.backend.base import TableChange, TickRecord
    from codeanatomy.ecs.backend.place import Place
    from codeanatomy.ecs.column import Column as WorldColumn
    from codeanatomy.ecs.components import Component
    from codeanatomy.store.disk import Disk

CAPABILITIES = Capabilities(
    backend="delta", durable=True, deferred=True, constant_read=False, migration=False
)

_BASE = (
    Column("entity_id", "int64", "The entity."),
    Column("tick", "int64", "The tick."),
    Column("is_active", "bool", "Whether the entity lives here after the tick."),
)


class DeltaBackend(ParquetBackend):
    """The ticks of one world in Delta tables."""

    capabilities = CAPABILITIES

    retain = Backend.retain  # rows leave a Delta table only by its own means: refused by name

    def _history_of(self, place: Place, namespace: str, world: str) -> Groups:
        return DeltaGroups(place, namespace, world)

    def _writer_of(self, groups: Groups, disk: Disk) -> PartWriter:
        return DeltaWriter(groups, disk)


class DeltaGroups(Groups):
    """The ticks of a world in Delta tables; a part is the name of a table and its version."""

    def rows(self, group: Group, tick: int, rows: Rows) -> pa.Table:
        """Read all rows of a table in a tick, in ascending entity id."""
        name, _, version = group.parts[rows.part].rpartition("@")
        world = Birth(*value.decode(group.birth)).world_id
        store = DeltaStore(_folder(self.place, self.namespace, world))
        found = store.scan(name, as_of=int(version), where={"tick": str(tick)}).read_all()
        return found.sort_by("entity_id")

    def _parts(self) -> Iterator[str]:
        return iter(())


class DeltaWriter(PartWriter):
    """Appends to the tables, each from the version that was committed last."""

    def __init__(self, groups: Groups, disk: Disk) -> None:
        super().__init__(groups, "zstd")
        self._disk = disk

    def write(
        self,
        home: Home,
        records: Sequence[TickRecord],
        number: int,
        birth: Birth,
        components: Sequence[Component],
    ) -> Group:
        """Write ticks as one version of each table, and then the file that names the versions."""
        store = DeltaStore(_folder(home.place, home.namespace, home.world), self._disk)
        columns = {component.name: component.columns for component in components}
        versions = self._versions()
        told = {record.tick: self._told_before(record) for record in records}
        fresh = [record for record in records if not told[record.tick]]
        for archetype in sorted({change.archetype for r in fresh for change in r.tables}):
            declared = [column for name in archetype for column in columns[name]]
            batches = list(_batches(archetype, declared, fresh))
            if batches:
                table = table_of(archetype, declared)
                data = pa.Table.from_batches(batches).cast(table.arrow())
                base = versions.get(table.name, NOTHING)
                versions[table.name] = store.append(table, data, base=base)
        names = list(versions)
        ticks = tuple(
            tick_rows(r, told[r.tick] or tuple(_rows(c, names) for c in r.tables if _any(c)))
            for r in records
        )
        parts = tuple(f"{name}@{version}" for name, version in versions.items())
        born = value.encode(tuple(birth))
        group = Group(FORMAT, number, born, value.encode(components), parts, ticks)
        commit_group(home.place, home.group(number, records[0].tick), group)
        return group

    def _versions(self) -> dict[str, int]:
        """Give the versions of all tables as of the last group of this world."""
        groups = self._groups
        found = {}
        for part in groups.find(groups.last)[0].parts if groups.begun() else ():
            name, _, version = part.rpartition("@")
            found[name] = int(version)
        return found

    def _told_before(self, record: TickRecord) -> tuple[Rows, ...]:
        """Give the rows of a tick that is told again: they are in its tables already."""
        groups = self._groups
        again = groups.begun() and record.tick == groups.last
        return groups.find(record.tick)[1].tables if again else ()


def table_of(archetype: Archetype, declared: Sequence[WorldColumn]) -> Table:
    """Declare the Delta table of an archetype; raises `UnsupportedError` for other types."""
    columns = [Column(c.name, _type(c.type, c.name), c.name, nullable=c.nullable) for c in declared]
    return Table(
        table_name(archetype),
        f"Every tick of the entities with {', '.join(archetype) or 'no component'}.",
        "codeanatomy.ecs.backend.delta",
        ("tick", "entity_id"),
        (*_BASE, *columns),
    )


def _folder(place: Place, namespace: str, world: str) -> Path:
    if place.local is None:
        raise UnsupportedError(
            f"Delta tables of worlds lie in a folder, not at {place.address}; use parquet: there",
            address=place.address,
        )
    return place.local / namespace / f"world={world}"


def _any(change: TableChange) -> bool:
    return len(change.table) > 0 or change.tombstones is not None


def _rows(change: TableChange, names: list[str]) -> Rows:
    dead = 0 if change.tombstones is None else len(change.tombstones)
    part = names.index(table_name(change.archetype))
    return Rows(change.archetype, part, 0, len(change.table), dead)


def _batches(
    archetype: Archetype, declared: Sequence[WorldColumn], records: Sequence[TickRecord]
) -> Iterator[pa.RecordBatch]:
    for record in records:
        for change in record.tables:
            if change.archetype == archetype and _any(change):
                yield full_rows(declared, record.tick, change.table, change.tombstones)


def _type(found: pa.DataType, column: str) -> str:
    """Name the type a Delta table holds a column as: the same values, in a type that it knows."""
    t = pa.types
    if t.is_dictionary(found):
        return _type(found.value_type, column)
    if t.is_fixed_size_list(found) or t.is_list(found) or t.is_large_list(found):
        return f"list<{_type(found.value_type, column)}>"
    if t.is_struct(found):
        fields = (f"{f.name}:{_type(f.type, column)}" for f in found)
        return f"struct<{','.join(fields)}>"
    for fits, name in _NAMES:
        if fits(found):
            return name
    raise UnsupportedError(
        f"Delta has no type for {column}, which is {found}; use a log or parquet: for this world",
        column=column,
        type=str(found),
    )


def _is_moment(found: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(found) and found.unit == "us")


_NAMES: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (pa.types.is_boolean, "bool"),
    (pa.types.is_int8, "int8"),
    (lambda found: pa.types.is_int16(found) or pa.types.is_uint8(found), "int16"),
    (lambda found: pa.types.is_int32(found) or pa.types.is_uint16(found), "int32"),
    (lambda found: pa.types.is_int64(found) or pa.types.is_uint32(found), "int64"),
    (pa.types.is_floating, "float64"),
    (lambda found: pa.types.is_string(found) or pa.types.is_large_string(found), "string"),
    (lambda found: pa.types.is_binary(found) or pa.types.is_large_binary(found), "binary"),
    (_is_moment, "timestamp"),
    (pa.types.is_duration, "int64"),
    (pa.types.is_date32, "int32"),
)
