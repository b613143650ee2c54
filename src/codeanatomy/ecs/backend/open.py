"""From a world's address to its store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from codeanatomy.ecs.backend.memory import MemoryBackend
from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.ecs.backend.base import Backend
    from codeanatomy.store.disk import Disk

_CODECS = "How columns are packed: lz4, snappy or zstd (zstd)."
_NAMESPACE = "The folder below the place under which its tables lie (default)."
_WORLD = "The id of the world, where one place holds several."

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "memory": {"keep": "How many of the last ticks can be read (all)."},
    "log": {"compression": "How columns are packed: lz4 or zstd (not at all)."},
    "parquet": {"compression": _CODECS, "namespace": _NAMESPACE, "world": _WORLD},
    "delta": {"namespace": _NAMESPACE, "world": _WORLD},
}
"""Scheme of an address to its settings (`scheme:PLACE?setting=value`), each with its meaning."""
SCHEMES = tuple(SETTINGS)


def open_backend(
    uri: str | Path | None, durability: str = "tick", disk: Disk | None = None
) -> Backend:
    """Open the store at `uri`; nothing is written before the first tick.

    No address or `memory:` keeps ticks in memory (`?keep=n`: the last n). A path or
    `log:FOLDER?compression=lz4` is a segment log, `parquet:PLACE` full rows in Parquet parts
    (a folder or any fsspec address), `delta:FOLDER` Delta tables. Raises `SpecError`.
    """
    text = "memory:" if uri is None else str(uri)
    scheme, place, settings = _parts(text)
    if scheme == "memory":
        from codeanatomy.ecs.backend.durability import durability as read  # noqa: PLC0415 - as below

        read(durability)  # nothing here waits, but a wrong setting is wrong everywhere
        keep = settings.get("keep", "")
        if keep and not (keep.isdigit() and int(keep)):
            raise SpecError(f"{text!r}: keep is a number of ticks, not {keep!r}", uri=text)
        return MemoryBackend(int(keep) if keep else None)
    if not place:
        raise SpecError(f"{text!r} names no place; write {scheme}:FOLDER", uri=text)
    return _stored(scheme, place, settings, durability, disk)


def _stored(
    scheme: str, place: str, settings: dict[str, str], durability: str, disk: Disk | None
) -> Backend:
    """Open a store on a disk; each loads its own libraries."""
    from codeanatomy.ecs.backend.durability import durability as read  # noqa: PLC0415 - as below

    if scheme == "log":
        from codeanatomy.ecs.backend.log import LogBackend  # noqa: PLC0415 - only what is opened

        codec = _codec(settings.get("compression", ""), ("lz4", "zstd"))
        return LogBackend(Path(place), read(durability), disk=disk, codec=codec)
    from codeanatomy.store.disk import Disk  # noqa: PLC0415 - as below

    disk = disk or Disk()
    from codeanatomy.ecs.backend.parts import NAMESPACE  # noqa: PLC0415 - as below
    from codeanatomy.ecs.backend.place import place_of  # noqa: PLC0415 - as below

    if scheme == "parquet":
        from codeanatomy.ecs.backend.parquet import ParquetBackend  # noqa: PLC0415 - only what is opened

        kind = ParquetBackend
    else:
        from codeanatomy.ecs.backend.delta import DeltaBackend  # noqa: PLC0415 - only what is opened

        kind = DeltaBackend
    return kind(
        place_of(place, disk),
        read(durability),
        disk=disk,
        namespace=settings.get("namespace", NAMESPACE),
        world=settings.get("world", ""),
        codec=_codec(settings.get("compression", "zstd"), ("lz4", "snappy", "zstd")),
    )


def _parts(text: str) -> tuple[str, str, dict[str, str]]:
    scheme, colon, rest = text.partition(":")
    if not colon or not scheme.isalnum():
        return "log", str(Path(text).expanduser()), {}
    if scheme not in SCHEMES:
        raise SpecError(
            f"no store for {text!r}; write a folder, or one of "
            f"{', '.join(f'{known}:' for known in SCHEMES)}",
            uri=text,
        )
    place, _, query = rest.partition("?")
    settings = {name: values[-1] for name, values in parse_qs(query).items()}
    for name in settings:
        if name not in SETTINGS[scheme]:
            raise SpecError(
                f"{text!r}: {scheme} has no setting {name!r}; it has "
                f"{', '.join(SETTINGS[scheme]) or 'none'}",
                uri=text,
            )
    if place.startswith("///"):
        place = place[2:]
    local = place and "://" not in place
    return scheme, str(Path(place).expanduser()) if local else place, settings


def _codec(name: str, known: tuple[str, ...]) -> str:
    if name and name not in known:
        raise SpecError(f"no compression {name!r}; write {' or '.join(known)}", compression=name)
    return name
