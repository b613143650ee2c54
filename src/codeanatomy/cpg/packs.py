"""The cache of evidence: packs of tables, found again by the content of the files they are about.

A pack is one file: Arrow streams, then a list of where they lie and whose rows they hold. It may
be deleted at any time; what is torn or foreign is a miss.
"""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_END = struct.Struct("<Q16s")
SUFFIX = ".pack"


class Footer(msgspec.Struct, frozen=True):
    """Whose rows a pack holds, by content hash in order of slot, and where each table lies."""

    hashes: list[str]
    tables: dict[str, tuple[int, int]]


class Pack(NamedTuple):
    """One pack on disk."""

    path: Path
    footer: Footer

    def read(self) -> dict[str, pa.Table]:
        """Return its tables; `file_no` is the slot. Rows stay in the mapped file."""
        with pa.memory_map(str(self.path)) as mapped:
            found = {}
            for name, (start, size) in self.footer.tables.items():
                mapped.seek(start)
                found[name] = pa.ipc.open_stream(mapped.read_buffer(size)).read_all()
            return found


def write(folder: Path, hashes: Sequence[str], tables: Mapping[str, pa.Table]) -> Path:
    """Write a pack beside the others, whole or not at all; its name is its content's."""
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    places: dict[str, tuple[int, int]] = {}
    name = blake2b("".join(hashes).encode(), digest_size=12).hexdigest()
    final = folder / f"{name}{SUFFIX}"
    partial = folder / f"{name}.{os.getpid()}.tmp"
    with partial.open("wb") as file:
        for table, rows in tables.items():
            start = file.tell()
            with pa.ipc.new_stream(file, rows.schema, options=options) as stream:
                stream.write_table(rows)
            places[table] = (start, file.tell() - start)
        footer = msgspec.json.encode(Footer(list(hashes), places))
        file.write(footer)
        file.write(_END.pack(len(footer), blake2b(footer, digest_size=16).digest()))
    partial.replace(final)
    return final


def open_pack(path: Path) -> Pack | None:
    """Read a pack's footer; None if the file is torn or no pack."""
    with suppress(OSError, msgspec.DecodeError, struct.error), path.open("rb") as file:
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
    """Delete the packs not used for longest until `most` bytes are left; return how many went."""
    packs = sorted(
        (stat.st_mtime, stat.st_size, path)
        for path in root.glob(f"*/*{SUFFIX}")
        if (stat := path.stat())
    )
    excess = sum(size for _, size, _ in packs) - most
    gone = 0
    for _, size, path in packs:
        if excess <= 0:
            break
        with suppress(OSError):
            path.unlink()
            gone += 1
        excess -= size
    return gone
