"""Where whole files lie that are written once: a folder on a disk, or any fsspec address."""

from __future__ import annotations

import os
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING, Any, Protocol

from codeanatomy.kernel.errors import MissingPartError
from codeanatomy.store.disk import write_error
from codeanatomy.store.errors import StoreReadError, StoreWriteError

if TYPE_CHECKING:
    from codeanatomy.store.disk import Disk


class Place(Protocol):
    """Files by their path below one root; a file is there whole and for good, or not at all."""

    @property
    def local(self) -> Path | None:
        """The folder, where it is one."""

    @property
    def address(self) -> str:
        """What opens this place again."""

    def write(self, path: str, data: Any) -> None:  # noqa: ANN401 - whatever has a buffer
        """Write a file durably."""

    def read(self, path: str) -> bytes:
        """Give a file; raises `StoreReadError`."""

    def source(self, path: str) -> Any:  # noqa: ANN401 - a path, or an open file of fsspec
        """Give what Parquet reads a file from, a part at a time."""

    def names(self, folder: str) -> list[str]:
        """Name the files and folders in a folder, sorted; none where there is no such folder."""

    def remove(self, path: str) -> None:
        """Take a file away; one that is not there is fine."""


def place_of(address: str, disk: Disk) -> Place:
    """Give the place at a path or an fsspec address such as `s3://bucket/worlds`."""
    if "://" in address and not address.startswith("file://"):
        return RemotePlace(address)
    return LocalPlace(Path(address.removeprefix("file://")), disk)


class LocalPlace:
    """A folder: a file gets its name when its content is on the disk."""

    def __init__(self, root: Path, disk: Disk) -> None:
        self._root = root
        self._disk = disk
        self._durable: set[Path] = set()

    @property
    def local(self) -> Path | None:
        """The folder."""
        return self._root

    @property
    def address(self) -> str:
        """The path."""
        return str(self._root.absolute())

    def write(self, path: str, data: Any) -> None:  # noqa: ANN401 - whatever has a buffer
        """Write a file durably."""
        final = self._root / path
        self._make(final.parent)
        temporary = final.with_name(f".{final.name}.{os.getpid()}-{get_ident()}")
        try:
            self._disk.write_bytes(temporary, data)
            self._disk.fsync(temporary)
            self._disk.rename(temporary, final)
            self._disk.fsync_dir(final.parent)
        except StoreWriteError:
            for name in (temporary, final):
                self._forget(name)
            raise

    def read(self, path: str) -> bytes:
        """Give a file."""
        try:
            return (self._root / path).read_bytes()
        except OSError as error:
            raise _unreadable(str(self._root / path), error) from error

    def source(self, path: str) -> Any:  # noqa: ANN401 - a path, or an open file of fsspec
        """Give the path."""
        return str(self._root / path)

    def names(self, folder: str) -> list[str]:
        """Name what is in a folder, without what is not whole."""
        here = self._root / folder
        if not here.is_dir():
            return []
        return sorted(entry.name for entry in here.iterdir() if not entry.name.startswith("."))

    def remove(self, path: str) -> None:
        """Take a file away."""
        self._disk.unlink(self._root / path)

    def _make(self, folder: Path) -> None:
        """Make a folder durably, and those above it down from the root, each once."""
        self._disk.mkdir(folder)
        while folder not in self._durable:
            self._disk.fsync_dir(folder.parent)
            self._durable.add(folder)
            if folder == self._root:
                return
            folder = folder.parent

    def _forget(self, path: Path) -> None:
        try:
            self._disk.unlink(path)
        except StoreWriteError:
            return  # the first failure is the one to tell


class RemotePlace:
    """Anything fsspec knows: an object is there when its write returns."""

    def __init__(self, address: str) -> None:
        try:
            import fsspec  # noqa: PLC0415 - optional: only such addresses need it
        except ImportError as error:
            raise MissingPartError(
                f"{address} needs fsspec: pip install 'codeanatomy[remote]'", address=address
            ) from error
        self._address = address.rstrip("/")
        try:
            self._files, self._root = fsspec.core.url_to_fs(self._address)
        except (ImportError, ValueError) as error:
            raise MissingPartError(
                f"{address} cannot be opened: {error}", address=address
            ) from error

    @property
    def local(self) -> Path | None:
        """No folder."""
        return None

    @property
    def address(self) -> str:
        """The address."""
        return self._address

    def write(self, path: str, data: Any) -> None:  # noqa: ANN401 - whatever has a buffer
        """Put an object."""
        full = self._full(path)
        try:
            self._files.makedirs(full.rpartition("/")[0], exist_ok=True)
            self._files.pipe_file(full, bytes(data))
        except OSError as error:
            raise write_error(Path(full), error) from error

    def read(self, path: str) -> bytes:
        """Give an object."""
        try:
            return bytes(self._files.cat_file(self._full(path)))
        except OSError as error:
            raise _unreadable(self._full(path), error) from error

    def source(self, path: str) -> Any:  # noqa: ANN401 - a path, or an open file of fsspec
        """Open an object."""
        try:
            return self._files.open(self._full(path), "rb")
        except OSError as error:
            raise _unreadable(self._full(path), error) from error

    def names(self, folder: str) -> list[str]:
        """Name the objects below a prefix."""
        try:
            found = self._files.ls(self._full(folder), detail=False)
        except FileNotFoundError:
            return []
        return sorted(str(name).rstrip("/").rpartition("/")[2] for name in found)

    def remove(self, path: str) -> None:
        """Take an object away."""
        if self._files.exists(self._full(path)):
            self._files.rm_file(self._full(path))

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}"


def _unreadable(path: str, error: OSError) -> StoreReadError:
    return StoreReadError(f"cannot read {path}: {error.strerror or error}", path=path)
