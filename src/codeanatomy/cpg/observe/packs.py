"""The cache of evidence: packs of tables, found again by the content of the files they are about.

A pack is one file: Arrow streams, then a list of where they lie and whose rows they hold. It may
be deleted between builds at any time; what is torn or foreign is a miss.
"""

from __future__ import annotations

import os
import struct
import time
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import msgspec
import pyarrow as pa

from codeanatomy.store.disk import write_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_END = struct.Struct("<Q16s")
SUFFIX, ONCE = ".pack", ".once"
LEFT_BEHIND = 24 * 3600  # seconds after which what a killed build left is nobody's


class Footer(msgspec.Struct, frozen=True):
    """Whose rows a pack holds, by content hash in order of slot.

    `tables` says where each one starts, its bytes and their CRC-32.
    """

    hashes: list[str]
    tables: dict[str, tuple[int, int, int]]


class Pack(NamedTuple):
    """One pack on disk."""

    path: Path
    footer: Footer

    def read(self) -> dict[str, pa.Table]:
        """Return its tables; `file_no` is the slot. Rows stay in the mapped file."""
        with pa.memory_map(str(self.path)) as mapped:
            found = {}
            for name, (start, size, _) in self.footer.tables.items():
                mapped.seek(start)
                found[name] = pa.ipc.open_stream(mapped.read_buffer(size)).read_all()
            return found

    def whole(self) -> bool:
        """Whether every byte is as it was written; if so, the pack counts as used now."""
        with suppress(OSError), pa.memory_map(str(self.path)) as mapped:
            for start, size, checksum in self.footer.tables.values():
                mapped.seek(start)
                if crc32(mapped.read_buffer(size)) != checksum:
                    return False
            os.utime(self.path)
            return True
        return False


def write(
    folder: Path, hashes: Sequence[str], tables: Mapping[str, pa.Table], suffix: str = SUFFIX
) -> Path:
    """Write a pack beside the others, whole or not at all; its name is its content's.

    One with the suffix `ONCE` is found by no later build. Raises `StoreWriteError`.
    """
    name = blake2b("".join(hashes).encode(), digest_size=12).hexdigest()
    final = folder / f"{name}{suffix}"
    partial = folder / f"{name}.{os.getpid()}.tmp"
    try:
        _fill(partial, hashes, tables)
        partial.replace(final)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise write_error(final, error) from error
    return final


def _fill(path: Path, hashes: Sequence[str], tables: Mapping[str, pa.Table]) -> None:
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    places: dict[str, tuple[int, int, int]] = {}
    with path.open("wb") as file:
        for table, rows in tables.items():
            start = file.tell()
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, rows.schema, options=options) as stream:
                stream.write_table(rows)
            content = sink.getvalue()
            file.write(content)
            places[table] = (start, content.size, crc32(content))
        footer = msgspec.json.encode(Footer(list(hashes), places))
        file.write(footer)
        file.write(_END.pack(len(footer), blake2b(footer, digest_size=16).digest()))


def open_pack(path: Path) -> Pack | None:
    """Read a pack's footer; None if the file is torn or no pack."""
    with suppress(OSError, ValueError, struct.error), path.open("rb") as file:
        file.seek(-_END.size, os.SEEK_END)
        length, digest = _END.unpack(file.read(_END.size))
        file.seek(-_END.size - length, os.SEEK_END)
        raw = file.read(length)
        if blake2b(raw, digest_size=16).digest() == digest:
            return Pack(path, msgspec.json.decode(raw, type=Footer))
    return None


def known(folder: Path) -> dict[str, tuple[Path, int]]:
    """Map each content hash in a folder of packs to the pack and slot that hold it."""
    found: dict[str, tuple[Path, int]] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        pack = open_pack(path)
        if pack is not None:
            found.update((digest, (path, slot)) for slot, digest in enumerate(pack.footer.hashes))
    return found


def prune(root: Path, most: int) -> int:
    """Delete the packs not used for longest until `most` bytes are left; return how many went.

    What killed builds left half done goes too, a day later.
    """
    for path in (*root.glob("*/*.tmp"), *root.glob(f"*/*{ONCE}")):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - LEFT_BEHIND:
                path.unlink()
    known = sorted(_sized(root))
    excess = sum(size for _, size, _ in known) - most
    gone = 0
    for _, size, path in known:
        if excess <= 0:
            break
        with suppress(OSError):
            path.unlink()
            gone += 1
        excess -= size
    return gone


def _sized(root: Path) -> Iterator[tuple[float, int, Path]]:
    """Yield when each pack was used last, its bytes, and its path."""
    for path in root.glob(f"*/*{SUFFIX}"):
        with suppress(OSError):  # another build may have deleted it
            facts = path.stat()
            yield facts.st_mtime, facts.st_size, path
