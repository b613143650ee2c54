"""Compaction: closed segments of a log become Parquet parts, on this disk or anywhere else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from codeanatomy.ecs.backend import frame as framing
from codeanatomy.ecs.backend.base import Compacted
from codeanatomy.ecs.backend.manifest import segment_head
from codeanatomy.ecs.backend.parts import NAMESPACE, write_group
from codeanatomy.ecs.backend.seal import SEALED, SEALS, Seal, open_sealed, read_seal
from codeanatomy.ecs.backend.timeline import Timeline, named
from codeanatomy.ecs.backend.writer import FORKS
from codeanatomy.store.sealed import write_sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from codeanatomy.ecs.backend.base import TickRecord
    from codeanatomy.ecs.backend.timeline import Named
    from codeanatomy.store.disk import Disk

_GROUP_TICKS = 256
_GROUP_BYTES = 64 << 20


def seal_segments(
    line: Timeline,
    disk: Disk,
    address: str | None = None,
    keep: Callable[[int], bool] = lambda _: True,
) -> Compacted:
    """Seal all but the newest segment, and take them away once that is durable.

    The ticks that `keep` refuses are given up. What a crash leaves of this is found and finished
    by the next compaction.
    """
    assert line.birth is not None  # noqa: S101 - for the type checker: segments have a world
    seal = read_seal(line.folder)
    place = address or (seal.address if seal else SEALED)
    before = seal.number if seal else -1
    begun = Seal(before + 1, place, NAMESPACE)
    groups = open_sealed(line.folder, begun, line.birth.world_id, disk)
    groups.begin(line.birth)
    closed = line.named()[:-1]
    written = 0
    for batch in _batches(line, closed, groups.last, keep):
        number = groups.next_number()
        known = line.components(batch[-1].tick)
        assert groups.home is not None  # noqa: S101 - for the type checker: it was begun
        group = write_group(groups.home, batch, number, line.birth, known)
        groups.add(group, groups.home.group(number, batch[0].tick))
        written += len(batch)
    if groups.begun():
        disk.mkdir(line.folder / SEALS)
        disk.fsync_dir(line.folder)
        write_sealed(disk, line.folder / SEALS / f"{begun.number:08d}.json", begun)
        line.sealed = groups
    return _removed(line, closed, disk, written, groups.place.address)


def pinned(folder: Path) -> set[Path]:
    """Name the segments that forks read rows from: those their first segments refer to."""
    top = folder.parent if folder.parent.name == FORKS else folder / FORKS
    found: set[Path] = set()
    if top.is_dir():
        for fork in top.iterdir():
            for segment in named(fork):
                found |= {(fork / file).resolve() for file in _files(segment)}
    return found


def _files(found: Named) -> tuple[str, ...]:
    """Name the other segments that a segment refers to; none where it is not whole."""
    with found.path.open("rb", buffering=0) as file:
        handle = file.fileno()
        frame = framing.read_frame(lambda at, length: os.pread(handle, length, at), 0)
    return () if frame is None else segment_head(frame.head).files


def _batches(
    line: Timeline, closed: list[Named], last: int, keep: Callable[[int], bool]
) -> Iterator[list[TickRecord]]:
    if not closed:
        return
    end = line.named()[-1].first
    batch: list[TickRecord] = []
    size = 0
    for tick in range(max(closed[0].first, last + 1), end):
        if not keep(tick):
            continue
        record = line.record(tick)
        batch.append(record)
        size += sum(c.table.entity_id.nbytes * (1 + len(c.table.columns)) for c in record.tables)
        if len(batch) >= _GROUP_TICKS or size >= _GROUP_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _removed(
    line: Timeline, closed: list[Named], disk: Disk, written: int, address: str
) -> Compacted:
    held = pinned(line.folder)
    kept = {found.path for found in closed if found.path.resolve() in held}
    gone = [found.path for found in closed if found.path not in kept]
    overruled = {found.path for found in named(line.folder)} - {f.path for f in line.named()}
    gone += sorted(overruled - held)
    freed = sum(path.stat().st_size for path in gone)
    line.forget(set(gone))
    for path in gone:
        disk.unlink(path)
    if gone:
        disk.fsync_dir(gone[0].parent)
    return Compacted(written, address, len(gone), freed, len(kept))
