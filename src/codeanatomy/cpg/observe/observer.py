"""Observing: every selected file through every extractor, from the cache where that is known."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from codeanatomy.cpg import extract as room
from codeanatomy.cpg.evidence import TABLES
from codeanatomy.cpg.observe import packs, workers
from codeanatomy.cpg.progress import Progress
from codeanatomy.kernel.catalog import load
from codeanatomy.kernel.fingerprint import fingerprint
from codeanatomy.store.errors import StoreReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from codeanatomy.cpg.observe.workers import Chunk

LEAST_CHUNK, MOST_CHUNK = 128 << 10, 1 << 20  # bytes of source
NAMED_SLOW = 0.5  # CPU seconds on one file worth mentioning


class Numbered(NamedTuple):
    """One file to observe: its number in the store, its content; empty bytes where it is known."""

    file_no: int
    path: str
    sha256: str
    size: int
    raw: bytes


def cache_keys(extractors: Iterable[str]) -> dict[str, str]:
    """Name the folder of each extractor's results: by its version, its tables and interpreter."""
    found = {}
    for name in extractors:
        schemas = [table.fingerprint() for table in TABLES if table.producer == name]
        version = load(room, name, "VERSION")
        interpreter = f"{platform.python_implementation()}-{platform.python_version()}"
        found[name] = f"{name}-{fingerprint(version, schemas, interpreter)[:16]}"
    return found


class Observer:
    """Looks files up in the cache, reads the others in workers, and hands out their tables."""

    def __init__(
        self,
        cache: Path,
        extractors: Sequence[str],
        jobs: int,
        progress: Callable[[Progress], None],
    ) -> None:
        self._folders = workers.folders(cache, cache_keys(extractors))
        self._known = {name: packs.known(folder) for name, folder in self._folders.items()}
        self._checked: dict[Path, bool] = {}
        self._jobs = jobs
        self._progress = progress
        self.fresh = 0
        self.slowest: list[tuple[float, str]] = []

    def misses(self, hashes: Iterable[str]) -> set[str]:
        """Name the contents that some extractor has not seen, or whose rows are damaged."""
        return {h for h in hashes if not all(self._whole(h, k) for k in self._known.values())}

    def observe(self, files: Sequence[Numbered]) -> None:
        """Make sure that the evidence of all `files` is in the cache."""
        unseen = self.misses(f.sha256 for f in files)
        missing = [f for f in files if f.sha256 in unseen]
        self.fresh = len(missing)
        size = sum(f.size for f in files)
        done, read = len(files) - len(missing), size - sum(f.size for f in missing)
        names = {f.sha256: f.path for f in missing}
        sizes: dict[str, list[int]] = {}
        for file in missing:
            sizes.setdefault(file.sha256, []).append(file.size)
        self._progress(Progress("extract", done, len(files), read, size))
        for result in workers.run(list(self._chunks(missing)), self._jobs):
            for name, path in result.packs.items():
                known = self._known[name]
                self._checked[path] = True
                known.update((h, (path, slot)) for slot, h in enumerate(result.chunk.hashes))
            fresh = [n for h in result.chunk.hashes for n in sizes.pop(h, ())]
            done, read = done + len(fresh), read + sum(fresh)
            self._slow(result, names)
            slow = self.slowest[0][1] if self.slowest else ""
            self._progress(Progress("extract", done, len(files), read, size, slow))

    def tables(self, files: Sequence[Numbered]) -> dict[str, pa.Table]:
        """Return the evidence of `files`, each table in order of file."""
        parts: dict[str, list[pa.Table]] = {}
        for known in self._known.values():
            wanted: dict[Path, list[tuple[int, int]]] = {}
            for file in files:
                path, slot = known[file.sha256]
                wanted.setdefault(path, []).append((slot, file.file_no))
            for path, slots in wanted.items():
                pack = packs.open_pack(path)
                if pack is None:
                    msg = f"{path} is gone: something emptied the cache meanwhile; build again"
                    raise StoreReadError(msg, path=str(path))
                for name, rows in pack.read().items():
                    parts.setdefault(name, []).append(_numbered(rows, slots))
        return {name: _ordered(pa.concat_tables(tables)) for name, tables in parts.items()}

    def _whole(self, digest: str, known: dict[str, tuple[Path, int]]) -> bool:
        """Whether a content's rows are at hand; each pack is checked once."""
        if digest not in known:
            return False
        path = known[digest][0]
        if path not in self._checked:
            pack = packs.open_pack(path)
            self._checked[path] = pack is not None and pack.whole()
        return self._checked[path]

    def _slow(self, result: workers.Done, names: dict[str, str]) -> None:
        for digest, seconds in zip(result.chunk.hashes, result.seconds, strict=True):
            if seconds > NAMED_SLOW:
                self.slowest.append((round(seconds, 2), names[digest]))
        self.slowest = sorted(self.slowest, reverse=True)[:5]

    def _chunks(self, files: Sequence[Numbered]) -> Iterator[Chunk]:
        """Cut files into runs of about equal size, equal contents once."""
        once = list({f.sha256: f for f in files}.values())
        size = sum(f.size for f in once) // max(1, self._jobs * 4)
        size = min(max(size, LEAST_CHUNK), MOST_CHUNK)
        folders = tuple(self._folders.items())
        run: list[Numbered] = []
        total = 0
        for file in once:
            if run and total + file.size > size:
                yield _chunk(run, folders)
                run, total = [], 0
            run.append(file)
            total += file.size
        if run:
            yield _chunk(run, folders)


def _chunk(files: Sequence[Numbered], folders: tuple[tuple[str, Path], ...]) -> Chunk:
    hashes, sources = tuple(f.sha256 for f in files), tuple(f.raw for f in files)
    return workers.Chunk(hashes, sources, folders)


def _numbered(rows: pa.Table, slots: list[tuple[int, int]]) -> pa.Table:
    """Put files' numbers in the place of slots; rows of other slots are left out.

    Equal files share a slot: the rows of all but the first are copies, at the end.
    """
    slot = rows["file_no"].to_numpy()
    at = rows.schema.get_field_index("file_no")
    first = dict(reversed(slots))
    numbers = np.zeros(max(int(slot.max(initial=0)), *first) + 1, np.int32)
    numbers[list(first)] = list(first.values())
    fresh = numbers[slot]
    found = rows.set_column(at, "file_no", pa.array(fresh))
    if not fresh.all():
        found = found.filter(pa.array(fresh != 0))
    more = [pair for pair in slots if first[pair[0]] != pair[1]]
    if not more:
        return found
    starts = np.searchsorted(slot, [s for s, _ in more])
    counts = np.searchsorted(slot, [s + 1 for s, _ in more]) - starts
    ends = np.cumsum(counts)
    index = np.arange(ends[-1]) + np.repeat(starts - ends + counts, counts)
    copies = rows.take(pa.array(index))
    copied = np.repeat(np.array([number for _, number in more], np.int32), counts)
    return pa.concat_tables([found, copies.set_column(at, "file_no", pa.array(copied))])


def _ordered(rows: pa.Table) -> pa.Table:
    numbers = rows["file_no"].to_numpy()
    if np.all(numbers[1:] >= numbers[:-1]):
        return rows
    return rows.take(pa.array(np.argsort(numbers, kind="stable")))
