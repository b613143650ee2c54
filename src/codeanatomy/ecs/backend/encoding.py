"""From one tick's record to its frame: changed columns as bytes, all others by their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.ecs.backend import chunk as chunks
from codeanatomy.ecs.backend import frame as framing
from codeanatomy.ecs.backend import manifest, value
from codeanatomy.ecs.backend.base import known
from codeanatomy.ecs.backend.manifest import TableHead, TickHead

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.arrays import Array
    from codeanatomy.ecs.backend.base import TableChange, TickRecord
    from codeanatomy.ecs.backend.chunk import Chunk
    from codeanatomy.ecs.components import Component
    from codeanatomy.ecs.table import Table

ENTITY = "entity_id"


class Placed(NamedTuple):
    """Where a table lies as of the last tick: file, place of its frame, position in it."""

    file: int
    place: int
    position: int
    head: TableHead


class Layout(NamedTuple):
    """What the next frame of a file may refer to; nothing at the beginning of a file."""

    tables: Mapping[Archetype, Placed] = {}
    resources: tuple[Mapping[str, object], Chunk] | None = None
    components: tuple[tuple[Component, ...], Chunk | None] = ((), None)


class Encoded(NamedTuple):
    """A frame to be written at the place it was made for, and what comes after it may refer to."""

    buffers: list[framing.Buffer]
    size: int
    head: TickHead
    layout: Layout


def encode_tick(
    record: TickRecord, layout: Layout, at: int, *, synced: int, codec: str = ""
) -> Encoded:
    """Make the frame of a tick that will lie at byte `at` of its file; pure."""
    body = _Body(framing.body_at(at), codec)
    heads: list[TableHead] = []
    same: list[int] = []
    placed: dict[Archetype, Placed] = {}
    for change in record.tables:
        before = layout.tables.get(change.archetype)
        if before is not None and _unchanged(change, before.head):
            same += before[:3]
            placed[change.archetype] = before
            continue
        head = _table(change, before.head if before else None, body)
        placed[change.archetype] = Placed(0, at, len(heads), head)
        heads.append(head)
    values, resources, components = _values(record, layout, body)
    tick = TickHead(
        record.tick,
        synced,
        record.next_id,
        record.sequence,
        tuple(heads),
        tuple(same),
        tuple(values),
    )
    parts, size = framing.encode(framing.TICK, manifest.encode(tick), body.buffers)
    return Encoded(parts, size, tick, Layout(placed, resources, components))


class _Body:
    """The body of a frame as it grows."""

    def __init__(self, at: int, codec: str) -> None:
        self.buffers: list[framing.Buffer] = []
        self._at = at
        self._codec = codec

    def add(self, name: str, array: Array) -> Chunk:
        """Put a column at the end."""
        return self._put(*chunks.encode(name, array, self._at, self._codec))

    def add_value(self, name: str, found: object) -> Chunk:
        """Put a value at the end."""
        return self._put(*chunks.of_bytes(name, value.encode(found), self._at))

    def _put(self, chunk: Chunk, raw: framing.Buffer) -> Chunk:
        self.buffers.append(raw)
        self._at += framing.padded(chunk.length)
        return chunk


def _unchanged(change: TableChange, before: TableHead) -> bool:
    return (
        not change.changed
        and not change.entities_changed
        and change.tombstones is None
        and before.rows == len(change.table)
        and len(before.columns) == len(change.table.columns) + 1
    )


def _table(change: TableChange, before: TableHead | None, body: _Body) -> TableHead:
    rows = len(change.table)
    lying = {c.name: c for c in before.columns} if before and before.rows == rows else {}
    if change.entities_changed:
        lying.pop(ENTITY, None)
    columns = [lying.get(ENTITY) or body.add(ENTITY, change.table.entity_id)]
    for name, array in change.table.columns.items():
        kept = None if name in change.changed else lying.get(name)
        columns.append(kept or body.add(name, array))
    gone = change.tombstones
    if gone is None or not len(gone):
        return TableHead(change.archetype, rows, tuple(columns))
    return TableHead(change.archetype, rows, tuple(columns), len(gone), _tombstones(gone, body))


def _tombstones(gone: Table, body: _Body) -> tuple[Chunk, ...]:
    columns = [body.add(name, array) for name, array in gone.columns.items()]
    return (body.add(ENTITY, gone.entity_id), *columns)


def _values(
    record: TickRecord, layout: Layout, body: _Body
) -> tuple[
    list[Chunk],
    tuple[Mapping[str, object], Chunk] | None,
    tuple[tuple[Component, ...], Chunk | None],
]:
    found: list[Chunk] = []
    for name in ("pending", "commands"):
        commands: Sequence[object] = getattr(record, name)
        if commands:
            found.append(body.add_value(name, commands))
    if len(record.reserved):
        found.append(body.add("reserved", record.reserved))
    resources = layout.resources
    if record.resources and not (resources and _identical(resources[0], record.resources)):
        resources = (record.resources, body.add_value("resources", record.resources))
    elif not record.resources:
        resources = None
    components = layout.components
    if record.components:
        declared = known(components[0], record.components)
        components = (declared, body.add_value("components", declared))
    found += [entry[1] for entry in (resources, components) if entry and entry[1]]
    return found, resources, components


def _identical(left: Mapping[str, object], right: Mapping[str, object]) -> bool:
    return left.keys() == right.keys() and all(left[name] is right[name] for name in left)
