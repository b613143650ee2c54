"""The writing end of a log: the newest segment, and the next where that is full or broken."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from codeanatomy.ecs.backend import frame as framing
from codeanatomy.ecs.backend import manifest, value
from codeanatomy.ecs.backend import segment as segments
from codeanatomy.ecs.backend.encoding import Layout, Placed, encode_tick
from codeanatomy.ecs.backend.manifest import SegmentHead
from codeanatomy.ecs.backend.segment import Content, Segment
from codeanatomy.ecs.backend.timeline import Named, path_of
from codeanatomy.ecs.errors import UnknownTickError
from codeanatomy.store.errors import StoreWriteError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.backend.base import TickRecord
    from codeanatomy.ecs.backend.chunk import Chunk
    from codeanatomy.ecs.backend.timeline import Timeline
    from codeanatomy.ecs.components import Component
    from codeanatomy.store.disk import Appender, Disk

FORKS = "forks"
SEGMENT_BYTES = 64 << 20
SEGMENT_TICKS = 1024
_WHOLE_SHARE = 8  # a file is at least this many times as large as its first, whole tick
_BATCH = 1 << 20  # bytes of small ticks that are written in one call


class Writer:
    """Adds ticks to a timeline; after a failure nothing of what failed can be seen."""

    def __init__(self, timeline: Timeline, disk: Disk, codec: str = "") -> None:
        self._timeline = timeline
        self._disk = disk
        self._codec = codec
        self._open: _OpenSegment | None = None

    def store(self, records: Sequence[TickRecord], *, sync: bool, anew: bool = False) -> None:
        """Write ticks in order, on the disk when it returns if `sync`; all or none of them.

        With `anew` they begin the next file.
        """
        before = self._timeline.mark()
        begun, end = self._open, self._open.end if self._open else 0
        left = list(records)
        try:
            while left:
                if self._open is None or self._open.full or anew:
                    self._roll(left[0])
                    anew = False
                del left[: self._append(left)]
            if sync and self._open is not None:
                self._open.sync()
        except BaseException:
            if self._open is not None:
                self._open.give_up(end if self._open is begun else 0)
                self._open = None
            self._timeline.back(before)
            raise

    def rewind(self, tick: int) -> None:
        """Let the next tick begin a new segment, which overrules all after `tick`."""
        self._timeline.last = tick
        if self._open is not None:
            self._open.give_up(self._open.end)
            self._open = None

    def close(self) -> None:
        """Give the file back."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _append(self, records: Sequence[TickRecord]) -> int:
        assert self._open is not None  # noqa: S101 - for the type checker: it was rolled
        opened, line = self._open, self._timeline
        count = opened.write(records, self._codec)
        if line.newest() != opened.path:
            line.begin(Named(opened.segment.head.first, opened.segment.head.number, opened.path))
            line.keep(opened.segment)
        line.last = records[count - 1].tick
        return count

    def _roll(self, record: TickRecord) -> None:
        """Begin a segment with this tick; the one before is on the disk by then."""
        self.close()
        line = self._timeline
        layout, files = self._inherited(record.tick)
        number = line.next_number()
        path = path_of(line.folder, number, record.tick)
        fresh = not path.parent.is_dir()
        known = self._known()
        parent = os.path.relpath(line.parent.folder, line.folder) if line.parent else ""
        head = SegmentHead(
            manifest.FORMAT,
            number,
            record.tick,
            value.encode(tuple(line.birth or ())),
            value.encode(known),
            files,
            parent,
        )
        self._disk.mkdir(path.parent)
        opened = _OpenSegment(path, self._disk, head, layout._replace(components=(known, None)))
        opened.fresh = fresh
        self._open = opened

    def _known(self) -> tuple[Component, ...]:
        line = self._timeline
        return () if line.last < 0 else line.components(line.last)

    def _inherited(self, tick: int) -> tuple[Layout, tuple[str, ...]]:
        """Let the first segment of a fork refer to the rows of its parent, as far as they lie."""
        line = self._timeline
        if line.parent is None or line.begun() or tick > line.left + 1:
            return Layout(), ()
        try:
            found = line.parent.find(line.left)
        except UnknownTickError:
            return Layout(), ()
        files: dict[str, int] = {}
        tables: dict[Archetype, Placed] = {}
        for own, place, position, table in line.parent.placed(found):
            columns = tuple(
                _moved(c, self._number(line.parent.file(own, c.file).path, files))
                for c in table.columns
            )
            number = self._number(own.path, files)
            moved = manifest.TableHead(table.archetype, table.rows, columns)
            tables[table.archetype] = Placed(number, place, position, moved)
        return Layout(tables), tuple(files)

    def _number(self, path: Path, files: dict[str, int]) -> int:
        return files.setdefault(os.path.relpath(path, self._timeline.folder), len(files) + 1)


class _OpenSegment:
    """The file that ticks are added to."""

    def __init__(self, path: Path, disk: Disk, head: SegmentHead, layout: Layout) -> None:
        self.path = path
        self._disk = disk
        self._file: Appender = disk.appender(path)
        self._parts, self.end = framing.encode(framing.SEGMENT, manifest.encode(head), ())
        self._synced = 0
        self._layout = layout
        self._whole = 0
        self.fresh = False
        self._places: dict[int, int] = {}
        self.segment = Segment(path, Content(head, self._places, self.end))

    @property
    def full(self) -> bool:
        """Whether the next tick belongs into the next file."""
        enough = max(SEGMENT_BYTES, _WHOLE_SHARE * self._whole)
        return self.end >= enough or len(self.segment.places) >= SEGMENT_TICKS

    def write(self, records: Sequence[TickRecord], codec: str) -> int:
        """Write as many of the ticks as one call should; return their number."""
        buffers, self._parts = list(self._parts), []
        end, layout, places = self.end, self._layout, {}
        for record in records:
            made = encode_tick(record, layout, end, synced=self._synced, codec=codec)
            buffers += made.buffers
            places[record.tick] = end
            end, layout = end + made.size, made.layout
            if end - self.end > _BATCH:
                break
        self._file.write(buffers)
        self._whole = self._whole or end
        self.end, self._layout = end, layout
        self._places.update(places)
        return len(places)

    def sync(self) -> None:
        """Return when all that was written is on the disk, the name of the file too."""
        if self._synced == self.end:
            return
        self._file.sync()
        if not self._synced:
            folder = self._file.path.parent
            self._disk.fsync_dir(folder)
            if self.fresh:
                self._disk.fsync_dir(folder.parent)
                self._disk.fsync_dir(folder.parent.parent)
                if folder.parent.parent.name == FORKS:
                    self._disk.fsync_dir(folder.parent.parent.parent)
        self._synced = self.end

    def give_up(self, length: int) -> None:
        """Take away all behind `length` bytes, if that can be done: it was never read.

        No tick is added to this file any more, so what stays behind does no harm.
        """
        with suppress(StoreWriteError):
            if length:
                self._file.cut(length)
            else:
                self._disk.unlink(self.path)
        self._file.close()

    def close(self) -> None:
        """Make the file durable and quick to open, and give it back."""
        try:
            self.sync()
            content = Content(self.segment.head, self.segment.places, self.end)
            self._file.write(segments.index(content))
        finally:
            self._file.close()


def _moved(chunk: Chunk, file: int) -> Chunk:
    from msgspec.structs import replace  # noqa: PLC0415 - only forks need it

    return replace(chunk, file=file)
