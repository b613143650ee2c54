"""A frame: the unit of the segment log, whole or not there; bytes in, bytes out, no files.

    header 64 bytes | body: columns, each padded to 64 | head: what the body holds, padded to 64

The checksum of the header covers the header and the head; the head carries one for every column.
The body stands first, so that the place of a column is known before its head is written.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Buffer: TypeAlias = bytes | bytearray | memoryview
    Read: TypeAlias = Callable[[int, int], bytes]  # some bytes from an offset; fewer at the end

ALIGN = 64
"""Columns begin at multiples of this, as Arrow likes it."""

MAGIC = b"CAwl"
_HEADER = struct.Struct("<4sB3xIQQ")
_CHECKED = struct.Struct("<I")
_PADDING = bytes(ALIGN)

SEGMENT, TICK, INDEX = 1, 2, 3
"""What a frame is: the first of its file, one tick, the places of all ticks of a closed file."""


class Frame(NamedTuple):
    """One whole frame of a file: `at` and `end` are offsets in bytes."""

    kind: int
    at: int
    end: int
    head: bytes


def body_at(offset: int) -> int:
    """Say where the body of a frame lies that begins at `offset`."""
    return offset + ALIGN


def padded(length: int) -> int:
    """Give the room that so many bytes take."""
    return -(-length // ALIGN) * ALIGN


def encode(kind: int, head: bytes, body: Sequence[Buffer]) -> tuple[list[Buffer], int]:
    """Give the buffers of a frame in order, none of them copied, and their length together."""
    parts: list[Buffer] = [b""]
    size = 0
    for buffer in body:
        size += _add(parts, buffer)
    _add(parts, head)
    start = _HEADER.pack(MAGIC, kind, len(head), size, ALIGN + size + padded(len(head)))
    check = _CHECKED.pack(zlib.crc32(head, zlib.crc32(start)))
    parts[0] = (start + check).ljust(ALIGN, b"\0")
    return parts, ALIGN + size + padded(len(head))


def read_frame(read: Read, at: int) -> Frame | None:
    """Give the frame that begins at `at`; None if there is no whole one. Columns are not read."""
    start = read(at, ALIGN)
    if len(start) < ALIGN or start[:4] != MAGIC:
        return None
    _, kind, head_length, body, whole = _HEADER.unpack_from(start)
    if whole != ALIGN + body + padded(head_length) or any(start[_HEADER.size + 4 :]):
        return None
    head = read(at + ALIGN + body, padded(head_length))
    if len(head) < padded(head_length):
        return None
    head = head[:head_length]
    (check,) = _CHECKED.unpack_from(start, _HEADER.size)
    if zlib.crc32(head, zlib.crc32(start[: _HEADER.size])) != check:
        return None
    return Frame(kind, at, at + whole, head)


def frames(read: Read, at: int = 0) -> Iterator[Frame]:
    """Walk over the whole frames of a file from `at` to the first that is none."""
    while (found := read_frame(read, at)) is not None:
        yield found
        at = found.end


def later_frames(read: Read, at: int, size: int) -> Iterator[Frame]:
    """Look for whole frames behind a broken place: they tell a torn end from damage."""
    step = 1 << 20
    while at < size:
        found = _first(read(at, step), at, read)
        if found is None:
            at += step
        else:
            yield found
            at = found.end


def _first(window: bytes, at: int, read: Read) -> Frame | None:
    start = window.find(MAGIC)
    while start >= 0:
        if start % ALIGN == 0:
            found = read_frame(read, at + start)
            if found is not None:
                return found
        start = window.find(MAGIC, start + 1)
    return None


def _add(parts: list[Buffer], buffer: Buffer) -> int:
    length = len(buffer)
    parts.append(buffer)
    room = padded(length)
    if room > length:
        parts.append(_PADDING[: room - length])
    return room
