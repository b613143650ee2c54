"""Folders that modules are searched in, the way Python's import system searches its path."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SUFFIXES = (".pyi", ".py")
"""A stub before the source beside it (PEP 561)."""


class Hit(NamedTuple):
    """What one name is in some folders: its file, and the folders that hold its submodules.

    A package has its own folder, a plain module none; a namespace package has no file, and maybe
    several folders.
    """

    file: Path | None
    inside: tuple[Path, ...]


class Folders:
    """Folders as they were when first looked into: each is listed once."""

    def __init__(self) -> None:
        self._listed: dict[Path, dict[str, bool]] = {}

    def search(self, folders: Iterable[Path], name: str) -> Hit | None:
        """Find the module or package called `name`; None where no folder has one.

        The first folder with a file for it decides; a package comes before a module beside it.
        Folders of the name without `__init__` are one namespace package, unless there is a file.
        """
        portions: list[Path] = []
        for folder in folders:
            there = self.listing(folder)
            if there.get(name):
                own = folder / name
                file = self._file(own, "__init__")
                if file:
                    return Hit(file, (own,))
                portions.append(own)
            file = self._file(folder, name)
            if file:
                return Hit(file, ())
        return Hit(None, tuple(portions)) if portions else None

    def names(self, folders: Iterable[Path]) -> set[str]:
        """Name what `search` finds in these folders."""
        found: set[str] = set()
        for folder in folders:
            for entry, is_folder in self.listing(folder).items():
                stem, dot, suffix = entry.rpartition(".")
                name = entry if is_folder else stem if dot + suffix in SUFFIXES else ""
                if name.isidentifier():
                    found.add(name)
        return found - {"__init__", "__pycache__"}

    def listing(self, folder: Path) -> dict[str, bool]:
        """Say of each file and folder in a folder whether it is a folder; empty if it has none.

        Names are exact: some file systems find `Queue.py` when asked for `queue.py`.
        """
        known = self._listed.get(folder)
        if known is None:
            known = self._listed[folder] = _list(folder)
        return known

    def _file(self, folder: Path, stem: str) -> Path | None:
        there = self.listing(folder)
        for suffix in SUFFIXES:
            if there.get(stem + suffix) is False:
                return folder / (stem + suffix)
        return None


def _list(folder: Path) -> dict[str, bool]:
    """List what can be read; a pipe or a device is neither a file nor a folder."""
    try:
        with os.scandir(folder) as entries:
            return {
                entry.name: entry.is_dir()
                for entry in entries
                if (entry.is_dir() or entry.is_file()) and os.access(entry.path, os.R_OK)
            }
    except OSError:  # absent, or not ours to read: nothing can be imported from it
        return {}
