"""The only commit point over several tables: one small file that pins a version of each.

Whatever a table store holds beyond the newest manifest was never published, and nobody sees it.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Any, Self

import msgspec

from codeanatomy.store.base import no_version
from codeanatomy.store.disk import Disk, write_error
from codeanatomy.store.errors import StoreBusyError, StoreConflictError, StoreReadError
from codeanatomy.store.sealed import numbered, read_sealed, write_sealed

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

FOLDER = "manifests"
LOCK = "store.lock"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One published state: a version of every table, and the facts of the run that made it.

    `created` is in microseconds UTC, given by the caller; `parent` is the number continued from.
    """

    number: int
    run_id: str
    created: int
    tables: dict[str, int]
    facts: dict[str, Any] = {}
    parent: int | None = None


def publish(root: Path, manifest: Manifest, disk: Disk | None = None) -> Path:
    """Make `manifest` the newest of the store at `root`, durably and all at once.

    Raises `StoreConflictError` if its number is taken by another, `StoreWriteError` if it cannot
    be written; in both cases the newest is the same as before.
    """
    disk = disk or Disk()
    final = _path(root, manifest.number)
    disk.mkdir(final.parent)
    disk.fsync_dir(root)
    disk.fsync_dir(root.absolute().parent)
    try:
        write_sealed(disk, final, manifest)
    except FileExistsError as error:
        raise StoreConflictError(
            f"{final} is published already; read the newest and build on that", path=str(final)
        ) from error
    return final


def latest(root: Path) -> Manifest | None:
    """Return the newest manifest that is whole; None where nothing was ever published."""
    for path in reversed(numbered(root / FOLDER)):
        found = read_sealed(path, Manifest)
        if found is not None:
            return found
    return None


def read(root: Path, number: int) -> Manifest:
    """Return one manifest; raises `UnknownVersionError`, or `StoreReadError` if it is damaged."""
    path = _path(root, number)
    if not path.is_file():
        raise no_version(
            f"the store {root}", number, (int(p.stem) for p in numbered(root / FOLDER))
        )
    found = read_sealed(path, Manifest)
    if found is None:
        raise StoreReadError(f"{path} is damaged: its checksum does not match", path=str(path))
    return found


def history(root: Path) -> list[Manifest]:
    """List every whole manifest, oldest first."""
    return [
        found
        for path in numbered(root / FOLDER)
        if (found := read_sealed(path, Manifest)) is not None
    ]


class Lock:
    """The right to write to a store: one process at a time, given back when it ends or dies."""

    def __init__(self, root: Path, disk: Disk | None = None) -> None:
        self._root = root
        self._disk = disk or Disk()
        self._handle: int | None = None

    def __enter__(self) -> Self:
        self._disk.mkdir(self._root)
        path = self._root / LOCK
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise write_error(path, error) from error
        try:
            self._take(handle)
        except BaseException:
            os.close(handle)
            raise
        self._handle = handle
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _take(self, handle: int) -> None:
        """Lock an open file, and say in it whose it is now."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        except BlockingIOError as error:
            pid = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise StoreBusyError(
                f"process {pid} is writing to {self._root}; wait for it, or end it",
                path=str(self._root),
                pid=pid,
            ) from error
        except OSError as error:
            raise write_error(self._root / LOCK, error) from error


def _path(root: Path, number: int) -> Path:
    return root / FOLDER / f"{number:08d}.json"
