"""Which distribution a file was installed by, as `*.dist-info` and `*.egg-info` say it."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from codeanatomy.cpg.outside.environment import Site

_TOP = re.compile(r'^"?([^/",\n]+)(?=[/",])', re.MULTILINE)


class Distribution(NamedTuple):
    """One installed distribution: its name and version, and the folder that says so."""

    name: str
    version: str | None
    about: Path


class Installed:
    """Every distribution of some folders, by the top-level files and folders that it installed."""

    def __init__(self, sites: Sequence[Site]) -> None:
        """Read what was installed; of two distributions that hold one file the first is named."""
        self._tops: dict[tuple[Path, str], list[Distribution]] = {}
        self._files: dict[Path, frozenset[str]] = {}
        self._links = {site.folder: site.link for site in sites if site.link}
        for folder in dict.fromkeys(site.folder for site in sites):
            for found in _distributions(folder):
                for top in _tops(found):
                    self._tops.setdefault((folder, top), []).append(found)

    def owner(self, folder: Path, path: Path) -> Distribution | None:
        """Say which distribution installed `path`, a file below `folder`; None if none says so.

        A folder that a `.pth` file leads to belongs to the distribution that installed that file.
        """
        below = path.relative_to(folder)
        named = self._tops.get((folder, below.parts[0]), [])
        if len(named) == 1:
            return named[0]
        for found in named:
            if below.as_posix() in self._recorded(found):
                return found
        link = self._links.get(folder)
        if named or link is None:
            return named[0] if named else None
        return next(iter(self._tops.get((link.parent, link.name), [])), None)

    def _recorded(self, found: Distribution) -> frozenset[str]:
        if found.about not in self._files:
            rows = csv.reader(_text(found.about / "RECORD").splitlines())
            self._files[found.about] = frozenset(row[0] for row in rows if row)
        return self._files[found.about]


def _distributions(folder: Path) -> Iterator[Distribution]:
    for suffix, file in (("dist-info", "METADATA"), ("egg-info", "PKG-INFO")):
        for about in sorted(folder.glob(f"*.{suffix}")):
            said = _headers(_text(about / file) or _text(about))
            name = said.get("name") or about.name.partition("-")[0]
            yield Distribution(name, said.get("version"), about)


def _tops(found: Distribution) -> set[str]:
    """Name what a distribution installed at the top: by its record, else as it lists modules."""
    tops = set(_TOP.findall(_text(found.about / "RECORD")))
    if not tops:
        modules = _text(found.about / "top_level.txt").split() or [found.name.replace("-", "_")]
        tops = {top for name in modules for top in (name, f"{name}.py")}
    return {top for top in tops if top != ".." and not top.endswith((".dist-info", ".egg-info"))}


def _headers(text: str) -> dict[str, str]:
    """Read the headers of a mail-like file, up to the first empty line."""
    lines = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {key.strip().lower(): value.strip() for key, colon, value in lines if colon}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:  # absent, a folder, or not ours to read
        return ""
