"""The manifest of a tick: where every column of every table lies; written in its frame, at once."""

from __future__ import annotations

import msgspec

from codeanatomy.ecs.backend.chunk import Chunk  # noqa: TC001 - msgspec reads the annotations

FORMAT = 1
"""What this program writes; a segment of a later one is refused by name."""


class TableHead(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A table as of a tick: its rows, their columns (`entity_id` the first), and who left."""

    archetype: tuple[str, ...]
    rows: int
    columns: tuple[Chunk, ...]
    dead: int = 0
    tombstones: tuple[Chunk, ...] = ()


class TickHead(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One tick: the tables that changed, and where those lie that did not.

    `synced` bytes of this file were known to be on the disk when this was written: a broken frame
    before that is damage, one after it the torn end of a crash. `same` has three numbers for each
    unchanged table: file, place of the frame, position in it. `values` are the commands that
    wait, those applied, the reserved ids, the resources and the declared components.
    """

    tick: int
    synced: int
    next_id: int
    sequence: int
    tables: tuple[TableHead, ...]
    same: tuple[int, ...]
    values: tuple[Chunk, ...]


class SegmentHead(msgspec.Struct, frozen=True):
    """The first frame of a file: whose it is, which tick it begins with, what it refers to.

    `files` are the other segments its tables may lie in and `parent` the folder of the world
    that a fork left, all as paths from the folder of this world.
    """

    format: int
    number: int
    first: int
    birth: bytes
    components: bytes
    files: tuple[str, ...] = ()
    parent: str = ""


class IndexHead(msgspec.Struct, frozen=True):
    """The last frame of a closed file: ticks `first`, `first` + 1 ... begin at these bytes.

    `places` are 64-bit integers, one after the other.
    """

    first: int
    places: bytes


_encoder = msgspec.msgpack.Encoder()
_ticks = msgspec.msgpack.Decoder(TickHead)
_segments = msgspec.msgpack.Decoder(SegmentHead)
_indexes = msgspec.msgpack.Decoder(IndexHead)


def encode(head: TickHead | SegmentHead | IndexHead) -> bytes:
    """Give the bytes of a head."""
    return _encoder.encode(head)


def tick_head(data: bytes) -> TickHead:
    """Give back what a tick's frame says."""
    return _ticks.decode(data)


def segment_head(data: bytes) -> SegmentHead:
    """Give back what the first frame says."""
    return _segments.decode(data)


def index_head(data: bytes) -> IndexHead:
    """Give back what the last frame of a closed file says."""
    return _indexes.decode(data)
