"""The plans that made the versions of a store, kept beside its manifests by fingerprint."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from codeanatomy.kernel.plan import Plan
from codeanatomy.store.sealed import read_sealed, write_sealed

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.store.disk import Disk

FOLDER = "plans"


def keep_plan(root: Path, plan: Plan, disk: Disk) -> None:
    """Write a plan durably, unless the store at `root` has it."""
    path = _path(root, plan.fingerprint())
    if kept_plan(root, plan.fingerprint()) is None:
        disk.mkdir(path.parent)
        with suppress(FileExistsError):
            write_sealed(disk, path, plan)


def kept_plan(root: Path, fingerprint: str) -> Plan | None:
    """Return the plan with this fingerprint; None where the store has no whole copy of it."""
    found = read_sealed(_path(root, fingerprint), Plan)
    return found if found is not None and found.fingerprint() == fingerprint else None


def _path(root: Path, fingerprint: str) -> Path:
    return root / FOLDER / f"{fingerprint}.json"
