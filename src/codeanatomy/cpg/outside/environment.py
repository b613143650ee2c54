"""The installed packages of an interpreter or environment: which folders hold them, by its files.

The interpreter is never run: `pyvenv.cfg`, the layout of the folders and plain lines of `.pth`
files say it. Lines that `site` would execute, import hooks of editable installs, zip files and the
folder of the user who runs this are left out.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_PYTHON = re.compile(r"(?:python|pypy)(\d+)\.(\d+)t?")
_INSTALLED = ("site-packages", "dist-packages")


class NoEnvironmentError(SpecError):
    """The setting `python` names nothing that holds installed packages; it says what would."""

    code = "no-environment"


class Site(NamedTuple):
    """One folder that modules are installed in; `link` is the `.pth` file that leads to it."""

    folder: Path
    link: Path | None = None


def sites(python: Path, version: tuple[int, int]) -> tuple[Site, ...]:
    """List the folders of installed packages in the order that Python searches them.

    `python` is the absolute path of an environment's folder, the interpreter in it, or a prefix
    such as `/usr`; `version` is preferred where a prefix has folders of several. Raises
    `NoEnvironmentError`.
    """
    if "\0" in str(python) or not os.access(python, os.R_OK):
        raise _refused(python, "does not exist, or cannot be read")
    folders = _distinct(_folders(python, version))
    if not folders:
        raise _refused(python, "has no folder of installed packages")
    found = [Site(folder) for folder in folders]
    links = [link for folder in folders for link in _links(folder)]
    known = {site.folder.resolve() for site in found}
    for link in links:
        if link.folder.resolve() not in known:
            known.add(link.folder.resolve())
            found.append(link)
    return tuple(found)


def _refused(python: Path, what: str) -> NoEnvironmentError:
    return NoEnvironmentError(
        f"python = {str(python)!r} {what}; name the folder of a virtual environment, the "
        "interpreter in it, or a prefix such as /usr that holds lib/pythonX.Y/site-packages",
        python=str(python),
    )


def _folders(python: Path, version: tuple[int, int]) -> Iterator[Path]:
    if python.is_dir() and python.name in _INSTALLED:
        yield python
        return
    prefix, own = _prefix(python)
    settings = _settings(prefix / "pyvenv.cfg")
    yield from _below(prefix, _version(settings) or own or version)
    if settings.get("include-system-site-packages", "").lower() == "true":
        home = prefix / settings.get("home", "")  # an absolute path stays what it is
        base = home.parent if home.name == "bin" else home
        yield from _below(base, _version(settings) or version)


def _prefix(python: Path) -> tuple[Path, tuple[int, int] | None]:
    """Return what an interpreter belongs to, and the version that its name gives.

    The link in an environment belongs to that, not to what it leads to.
    """
    if python.is_dir():
        return python, None
    for folder in (python.parent, python.parent.parent):
        if (folder / "pyvenv.cfg").is_file():
            return folder, None
    real = python.resolve()
    named = _PYTHON.match(real.name) or _PYTHON.match(python.name)
    own = (int(named[1]), int(named[2])) if named else None
    where = [p.parent.parent if p.parent.name == "bin" else p.parent for p in (real, python)]
    return next((p for p in where if any(_layouts(p))), where[0]), own


def _settings(path: Path) -> dict[str, str]:
    """Read a `pyvenv.cfg`."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:  # absent: not a virtual environment
        return {}
    parts = [line.partition("=") for line in lines]
    return {key.strip().lower(): value.strip() for key, equal, value in parts if equal}


def _version(settings: dict[str, str]) -> tuple[int, int] | None:
    said = settings.get("version_info") or settings.get("version", "")
    found = re.match(r"(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else None


def _below(prefix: Path, version: tuple[int, int]) -> Iterator[Path]:
    """Yield the folders of one prefix: of `version`, or of the newest where it has none of that."""
    there = list(_layouts(prefix))
    versions = {found for found, _ in there if found}
    chosen = version if version in versions or not versions else max(versions)
    for found, folder in there:
        if found in (chosen, None):
            yield folder


def _layouts(prefix: Path) -> Iterator[tuple[tuple[int, int] | None, Path]]:
    """Yield the folders of packages below a prefix, each with the version it is for, if it is.

    Debian's come first and in its order; `Lib` is that of Windows.
    """
    for below in ("local/lib", "lib", "lib64"):
        shared = prefix / below / "python3" / "dist-packages"
        if shared.is_dir():
            yield None, shared
        for folder in sorted((prefix / below).glob("p*[0-9].[0-9]*")):
            named = _PYTHON.fullmatch(folder.name)
            for name in _INSTALLED[::-1] if named else ():
                if named and (folder / name).is_dir():
                    yield (int(named[1]), int(named[2])), folder / name
    if (prefix / "Lib" / "site-packages").is_dir():
        yield None, prefix / "Lib" / "site-packages"


def _distinct(folders: Iterable[Path]) -> list[Path]:
    """Leave out what is another name of an earlier folder, such as `lib64` of `lib`."""
    return list({folder.resolve(): folder for folder in reversed([*folders])}.values())[::-1]


def _links(folder: Path) -> Iterator[Site]:
    """Yield the folders that `.pth` files name, in the order of the files' names."""
    for path in sorted(folder.glob("*.pth")):
        try:
            lines = path.read_text("utf-8-sig", "replace").splitlines()
        except OSError:  # not ours to read
            continue
        for line in map(str.strip, lines):
            plain = line and not line.startswith(("#", "import ", "import\t"))
            if plain and "\0" not in line and (folder / line).is_dir():
                yield Site(folder / line, path)
