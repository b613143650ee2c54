"""The one door through which our durable writes go: a file system reduced to a few operations.

A test puts a recording disk in its place and rebuilds what a crash would have left after every
operation; `observer` hears `"before:write:NAME"` and `"after:write:NAME"` around each of them.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from codeanatomy.kernel.errors import SpecError
from codeanatomy.store.errors import StoreWriteError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

_REMEDIES = {
    errno.ENOSPC: "free some space, or name a store on another disk",
    errno.EDQUOT: "the quota is used up: free some space, or name a store elsewhere",
    errno.EFBIG: "the file-size limit is reached: raise it, or name a store elsewhere",
    errno.EROFS: "the file system is read-only: name a store elsewhere",
    errno.EACCES: "make the folder writable, or name a store elsewhere",
    errno.EPERM: "make the folder writable, or name a store elsewhere",
    errno.ENOTDIR: "a file stands where a folder is needed: move it, or name a store elsewhere",
    errno.EEXIST: "a file stands in the way: move it, or name a store elsewhere",
    errno.ENOENT: "the folder above it cannot be made: name a store elsewhere",
}
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_BUFFER = 1 << 20
_AT_ONCE = 512  # buffers in one call: what every system takes


class Disk:
    """The real file system; failures to write are `StoreWriteError` with path and remedy."""

    def __init__(self, observer: Callable[[str], None] | None = None) -> None:
        self._observer = observer

    def mkdir(self, path: Path) -> None:
        """Make a folder and those above it; one that is there already is fine."""
        with self._step("mkdir", path):
            path.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def create(self, path: Path) -> Iterator[IO[bytes]]:
        """Open a new file for a stream of writes; it is not durable before `fsync`."""
        with self._step("write", path), path.open("xb", buffering=_BUFFER) as sink:
            yield sink

    def write_bytes(self, path: Path, data: bytes) -> None:
        """Write a file whole, over whatever was there."""
        with self._step("write", path):
            path.write_bytes(data)

    def append(self, path: Path, data: bytes) -> None:
        """Write at the end of a file, made if it is not there."""
        with self._step("append", path), path.open("ab") as sink:
            sink.write(data)

    def appender(self, path: Path) -> Appender:
        """Open a new file for many appends, each made durable when it is asked for."""
        with self._step("create", path):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
            return Appender(path, os.open(path, flags, 0o644), self._step)

    def fsync(self, path: Path) -> None:
        """Return when the content of a file would survive a loss of power."""
        with self._step("fsync", path):
            _sync(path)

    def fsync_dir(self, path: Path) -> None:
        """Return when the names in a folder would survive a loss of power."""
        with self._step("fsync_dir", path):
            _sync(path)

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name, over any file that has it."""
        with self._step("rename", new):
            old.replace(new)

    def link(self, old: Path, new: Path) -> None:
        """Give a file a second name; `FileExistsError` if anything has it."""
        with self._step("link", new, FileExistsError):
            try:
                os.link(old, new)
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                _rename_new(old, new)

    def unlink(self, path: Path) -> None:
        """Take a name away; one that is not there is fine."""
        with self._step("unlink", path):
            path.unlink(missing_ok=True)

    @contextmanager
    def _step(
        self, name: str, path: Path, passed: type[OSError] | tuple[()] = ()
    ) -> Iterator[None]:
        try:
            if self._observer:
                self._observer(f"before:{name}:{path.name}")
            yield
            if self._observer:
                self._observer(f"after:{name}:{path.name}")
        except passed:
            raise
        except OSError as error:
            raise write_error(path, error) from error


class Appender:
    """A file that stays open and only grows; failures are those of its `Disk`."""

    def __init__(
        self, path: Path, handle: int, step: Callable[[str, Path], AbstractContextManager[None]]
    ) -> None:
        self.path = path
        self.handle = handle
        self._step = step

    def write(self, buffers: Sequence[bytes | bytearray | memoryview]) -> None:
        """Write the buffers at the end, one after the other, none of them copied."""
        with self._step("append", self.path):
            for first in range(0, len(buffers), _AT_ONCE):
                _write_all(self.handle, buffers[first : first + _AT_ONCE])

    def sync(self) -> None:
        """Return when all that was written would survive a loss of power."""
        with self._step("fsync", self.path):
            os.fdatasync(self.handle)

    def cut(self, length: int) -> None:
        """Take away everything behind `length` bytes: what a failed write left."""
        with self._step("cut", self.path):
            os.ftruncate(self.handle, length)

    def close(self) -> None:
        """Give the handle back; nothing becomes durable by this."""
        os.close(self.handle)


def write_error(path: Path, error: OSError) -> StoreWriteError:
    """Make the error for a path that cannot be written, with what would have worked."""
    remedy = _REMEDIES.get(error.errno or 0, "name a store elsewhere")
    reason = error.strerror or str(error)
    return StoreWriteError(
        f"cannot write {path}: {reason}; {remedy}", path=str(path), errno=error.errno, remedy=remedy
    )


def folders(path: Path) -> tuple[Path, ...]:
    """Name the folders in a folder, sorted; none where there is no such folder."""
    if not path.is_dir():
        return ()
    return tuple(sorted(entry for entry in path.iterdir() if entry.is_dir()))


def table_folder(root: Path, name: str) -> Path:
    """Return the folder of a table; raises `SpecError` for a name that would lie elsewhere."""
    if not name or name.startswith(".") or set(name) & set("/\\\0"):
        raise SpecError(f"{name!r} is no name of a table: use letters, digits and _", name=name)
    return root / name


def _write_all(handle: int, buffers: Sequence[bytes | bytearray | memoryview]) -> None:
    left = sum(map(len, buffers)) - os.writev(handle, buffers)
    if left:
        rest = memoryview(b"".join(buffers))[-left:]
        while rest:
            rest = rest[os.write(handle, rest) :]


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _rename_new(old: Path, new: Path) -> None:
    """Stand in for a hard link where the file system has none: the writer holds the lock."""
    if new.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(new))
    handle = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    os.close(handle)
    Path(old).replace(new)
