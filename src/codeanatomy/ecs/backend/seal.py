"""A seal: says that older ticks of a log lie in Parquet parts, and where; the newest one counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from codeanatomy.ecs.backend.groups import Groups
from codeanatomy.ecs.backend.place import place_of
from codeanatomy.store.sealed import numbered, read_sealed

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.store.disk import Disk

SEALS = "seals"
SEALED = "sealed"
"""Where sealed ticks lie unless told otherwise: a folder in that of the world."""


class Seal(msgspec.Struct, frozen=True):
    """The address of the parts; `sealed` is the folder in that of the world."""

    number: int
    address: str
    namespace: str


def read_seal(folder: Path) -> Seal | None:
    """Give the newest seal of a log; None if nothing of it was sealed."""
    for path in reversed(numbered(folder / SEALS)):
        found = read_sealed(path, Seal)
        if found is not None:
            return found
    return None


def open_sealed(folder: Path, seal: Seal, world: str, disk: Disk) -> Groups:
    """Give the sealed ticks of a log."""
    address = str(folder / SEALED) if seal.address == SEALED else seal.address
    groups = Groups(place_of(address, disk), seal.namespace, world, alone=True)
    groups.load()
    return groups
