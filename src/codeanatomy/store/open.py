"""From a URI to a store: the scheme names the backend, a plain path is Delta."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from codeanatomy.kernel.errors import SpecError
from codeanatomy.store.disk import Disk

if TYPE_CHECKING:
    from codeanatomy.store.base import Store

BACKENDS = {
    "delta": "DeltaStore",
    "memory": "MemoryStore",
    "parquet": "ParquetStore",
    "sqlite": "SqliteStore",
}
"""Scheme, which is also the file, and the class in it."""


def open_store(uri: str | Path, disk: Disk | None = None) -> Store:
    """Open the store that `uri` names; nothing is written before the first commit.

    `memory://`, `delta://FOLDER`, `parquet://FOLDER`, `sqlite://FILE`, or a plain path: Delta.

    Raises `SpecError` for a scheme that is not known.
    """
    scheme, separator, place = str(uri).partition("://")
    if not separator:
        scheme, place = "delta", str(uri)
    if scheme not in BACKENDS:
        raise SpecError(
            f"no store for {uri!s}; the schemes are {', '.join(sorted(BACKENDS))}", uri=str(uri)
        )
    backend = getattr(import_module(f"codeanatomy.store.{scheme}"), BACKENDS[scheme])
    if scheme == "memory":
        store: Store = backend(str(uri))
        return store
    if not place:
        raise SpecError(f"{uri!s} names no place; write {scheme}://PATH", uri=str(uri))
    opened: Store = backend(Path(place).expanduser(), disk or Disk())
    return opened
