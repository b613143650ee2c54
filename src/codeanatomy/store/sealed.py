"""A small JSON file that is whole or not there: a checksum inside, its name given in one step."""

from __future__ import annotations

import os
from hashlib import blake2b
from threading import get_ident
from typing import TYPE_CHECKING, TypeVar

import msgspec

from codeanatomy.store.errors import StoreReadError, StoreWriteError

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.store.disk import Disk

T = TypeVar("T")


def write_sealed(disk: Disk, path: Path, value: msgspec.Struct) -> None:
    """Write `value` durably under a name that no whole file has; else `FileExistsError`.

    A damaged file of that name is written over: nobody could ever read it.
    """
    temporary = path.with_suffix(f".tmp-{os.getpid()}-{get_ident()}")
    body = msgspec.json.encode(value, order="deterministic")
    try:
        disk.write_bytes(temporary, msgspec.json.encode(_Sealed(_digest(body), msgspec.Raw(body))))
        disk.fsync(temporary)
        try:
            disk.link(temporary, path)
        except FileExistsError:
            if read_sealed(path, type(value)) is not None:
                raise
            disk.rename(temporary, path)
        try:
            disk.fsync_dir(path.parent)
        except StoreWriteError:
            disk.unlink(path)
            raise
    finally:
        disk.unlink(temporary)


def read_sealed(path: Path, kind: type[T]) -> T | None:
    """Return what a file holds; None if it is not there, or not whole.

    Raises `StoreReadError` for a whole file that holds something else: it is another program's.
    """
    try:
        sealed = msgspec.json.decode(path.read_bytes(), type=_Sealed)
    except (msgspec.DecodeError, FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        return None
    if sealed.digest != _digest(bytes(sealed.body)):
        return None
    try:
        return msgspec.json.decode(sealed.body, type=kind)
    except msgspec.DecodeError as error:
        raise StoreReadError(
            f"{path} is whole, and of another version of this program ({error}); use that version, "
            f"or another store",
            path=str(path),
        ) from error


def numbered(folder: Path) -> list[Path]:
    """List the files `00000000.json`, `00000001.json` ... of a folder in order."""
    return sorted(p for p in folder.glob("*.json") if p.stem.isdigit())


class _Sealed(msgspec.Struct):
    """The file: the digest is of the bytes of `body`."""

    digest: str
    body: msgspec.Raw


def _digest(body: bytes) -> str:
    return blake2b(body, digest_size=16).hexdigest()
