"""A segment: one file of the log, its ticks found by number and its columns by place."""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.ecs.backend import chunk as chunks
from codeanatomy.ecs.backend import frame as framing
from codeanatomy.ecs.backend import manifest
from codeanatomy.store.errors import StoreReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from codeanatomy.ecs.arrays import Array
    from codeanatomy.ecs.backend.chunk import Chunk
    from codeanatomy.ecs.backend.frame import Frame
    from codeanatomy.ecs.backend.manifest import SegmentHead, TickHead

FOLDER = "segments"
_MAPPED = 1 << 18  # columns of this many bytes are mapped, smaller ones read
_TAIL = struct.Struct("<4sIQ")
_TAIL_MAGIC = b"CAix"
_HEADS = 64  # manifests that are kept decoded


class Content(NamedTuple):
    """What a file holds that is whole: its head, where each tick lies, where that part ends."""

    head: SegmentHead
    places: Mapping[int, int]
    end: int


def recover(
    read: Callable[[int, int], bytes], size: int, where: str, *, verify: bool = True
) -> Content | None:
    """Find the whole ticks of a file; None if not even its head is there. Pure.

    What follows the first broken frame is the torn end of a crash and does not count. Raises
    `StoreReadError` where a later frame says that the broken place had been on the disk: that is
    damage, and leaving it out would be a guess.
    """
    found = framing.read_frame(read, 0)
    if found is None or found.kind != framing.SEGMENT:
        _refuse_damage(read, 0, size, where)
        return None
    head = manifest.segment_head(found.head)
    if head.format > manifest.FORMAT:
        raise StoreReadError(
            f"{where} was written by a later version of this program; use that version",
            path=where,
            format=head.format,
        )
    places: dict[int, int] = {}
    end = found.end
    for one in framing.frames(read, end):
        if one.kind == framing.TICK:
            tick = manifest.tick_head(one.head)
            if verify and not _columns_whole(tick, one, read):
                break
            places[tick.tick] = one.at
        end = one.end
    _refuse_damage(read, end, size, where)
    return Content(head, places, end)


def index(content: Content) -> list[framing.Buffer]:
    """Give the last bytes of a file that gets no more ticks: with them it opens at once."""
    first = min(content.places, default=content.head.first)
    ticks = range(first, first + len(content.places))
    places = struct.pack(f"<{len(ticks)}q", *(content.places[tick] for tick in ticks))
    head = manifest.IndexHead(first, places)
    parts, _ = framing.encode(framing.INDEX, manifest.encode(head), ())
    at = content.end.to_bytes(8, "little")
    tail = _TAIL.pack(_TAIL_MAGIC, zlib.crc32(at), content.end).ljust(framing.ALIGN, b"\0")
    return [*parts, tail]


class TornSegmentError(StoreReadError):
    """Not even the beginning of a segment is whole: it was made in a crash, or is damaged."""

    code = "torn-segment"


class Segment:
    """A file of the log, open for reading; its writer adds places as it goes.

    A file that was not closed is read whole with `verify`: what follows its last whole tick is
    left out.
    """

    def __init__(self, path: Path, content: Content | None = None, *, verify: bool = False) -> None:
        self.path = path
        try:
            self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise _unreadable(path, error) from error
        self._heads: dict[int, TickHead] = {}
        self._guard = Lock()
        found = content or self._indexed()
        found = found or recover(self.read, self.size(), str(path), verify=verify)
        if found is None:
            raise TornSegmentError(f"{path} is damaged: it has no whole beginning", path=str(path))
        self.head = found.head
        self.places = found.places

    def __del__(self) -> None:
        """Give the file back."""
        if hasattr(self, "_handle"):
            os.close(self._handle)

    def size(self) -> int:
        """Give the bytes of the file."""
        return os.fstat(self._handle).st_size

    def read(self, at: int, length: int) -> bytes:
        """Give some bytes of the file; fewer at its end."""
        try:
            return os.pread(self._handle, length, at)
        except OSError as error:
            raise _unreadable(self.path, error) from error

    def tick(self, tick: int) -> TickHead:
        """Give the manifest of a tick; raises `StoreReadError` where it is no longer whole."""
        return self.at(self.places[tick])

    def at(self, place: int) -> TickHead:
        """Give the manifest in the frame that begins at `place`."""
        with self._guard:
            head = self._heads.get(place)
        if head is None:
            found = framing.read_frame(self.read, place)
            if found is None or found.kind != framing.TICK:
                raise StoreReadError(
                    f"{self.path} is damaged at byte {place}: no whole frame begins there; "
                    "restore the file from a copy, or read other ticks",
                    path=str(self.path),
                    offset=place,
                )
            head = manifest.tick_head(found.head)
            with self._guard:
                if len(self._heads) >= _HEADS:
                    del self._heads[next(iter(self._heads))]
                self._heads[place] = head
        return head

    def array(self, chunk: Chunk, *, verify: bool = True) -> Array:
        """Give a column: large ones lie in the mapped file, and nothing is copied."""
        small = chunk.length < _MAPPED
        raw = self.read(chunk.at, chunk.length) if small else self._mapped(chunk)
        if verify:
            chunks.check(chunk, raw, str(self.path))
        return chunks.decode(chunk, raw)

    def bytes(self, chunk: Chunk) -> bytes:
        """Give the bytes of a value."""
        raw = self.read(chunk.at, chunk.length)
        chunks.check(chunk, raw, str(self.path))
        return raw

    def _mapped(self, chunk: Chunk) -> memoryview:
        start = chunk.at // mmap.ALLOCATIONGRANULARITY * mmap.ALLOCATIONGRANULARITY
        skip = chunk.at - start
        if chunk.at + chunk.length > self.size():
            return memoryview(b"")  # the check names the damage
        found = mmap.mmap(self._handle, skip + chunk.length, access=mmap.ACCESS_READ, offset=start)
        return memoryview(found)[skip:]

    def _indexed(self) -> Content | None:
        size = self.size()
        tail = self.read(size - framing.ALIGN, framing.ALIGN) if size > framing.ALIGN else b""
        if tail[:4] != _TAIL_MAGIC:
            return None
        _, check, at = _TAIL.unpack_from(tail)
        if zlib.crc32(at.to_bytes(8, "little")) != check:
            return None
        first, last = framing.read_frame(self.read, 0), framing.read_frame(self.read, at)
        if (
            first is None
            or last is None
            or (first.kind, last.kind)
            != (
                framing.SEGMENT,
                framing.INDEX,
            )
        ):
            return None
        found = manifest.index_head(last.head)
        return Content(manifest.segment_head(first.head), _Places(found), at)


class _Places(Mapping[int, int]):
    """Where the ticks of a closed file lie, looked up in its index as it is stored."""

    def __init__(self, head: manifest.IndexHead) -> None:
        self._ticks = range(head.first, head.first + len(head.places) // 8)
        self._places = head.places

    def __getitem__(self, tick: int) -> int:
        if tick not in self._ticks:
            raise KeyError(tick)
        found: int = struct.unpack_from("<q", self._places, 8 * (tick - self._ticks.start))[0]
        return found

    def __iter__(self) -> Iterator[int]:
        return iter(self._ticks)

    def __len__(self) -> int:
        return len(self._ticks)


def _columns_whole(tick: TickHead, one: Frame, read: Callable[[int, int], bytes]) -> bool:
    """Say whether all columns that lie in this frame are what was written."""
    held = [*tick.values, *(c for t in tick.tables for c in (*t.columns, *t.tombstones))]
    return all(
        zlib.crc32(read(c.at, c.length)) == c.check
        for c in held
        if c.file == 0 and one.at <= c.at < one.end
    )


def _refuse_damage(read: Callable[[int, int], bytes], broken: int, size: int, where: str) -> None:
    for later in framing.later_frames(read, broken, size):
        if later.kind == framing.INDEX or (
            later.kind == framing.TICK and manifest.tick_head(later.head).synced > broken
        ):
            raise StoreReadError(
                f"{where} is damaged at byte {broken}: what follows says that it had been whole; "
                "restore the file from a copy",
                path=where,
                offset=broken,
            )


def _unreadable(path: Path, error: OSError) -> StoreReadError:
    return StoreReadError(f"cannot read {path}: {error.strerror or error}", path=str(path))
