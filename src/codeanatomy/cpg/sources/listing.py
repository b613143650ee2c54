"""Every path that a folder holds: as git lists them where it can, else by walking the folder.

Paths are text below the root with `/`; bytes that are no UTF-8 are surrogates (PEP 383).
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg.sources.repository import git, in_git
from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# Folders that hold no sources of a repository: never mentioned, since they come and go.
UNMENTIONED = frozenset(
    {
        ".git", ".hg", ".svn", ".bzr", ".codeanatomy", "__pycache__", ".mypy_cache", ".ruff_cache",
        ".pytest_cache", ".hypothesis", ".ipynb_checkpoints",
    }
)  # fmt: skip
# Folders of other people's code: left out unless git tracks what is in them, and said so.
FOREIGN = frozenset(
    {
        ".venv", ".tox", ".nox", ".eggs", ".direnv", "node_modules", "__pypackages__",
        "site-packages", "dist-packages",
    }
)  # fmt: skip
# What stands at the top of a virtual environment, whatever its folder is called.
ENVIRONMENT = frozenset({"pyvenv.cfg", "conda-meta"})

NOT_READ = "git is missing or will not read this work tree: nothing it ignores is left out"

_SORTS = {"120000": "link", "160000": "submodule"}  # by the mode that git shows


class NoSuchFolderError(SpecError):
    """The repository to read is not there, or is not a folder."""

    code = "no-such-folder"


class Found(NamedTuple):
    """One path of a folder, and the path below the root that opens it; `out` says why it is out."""

    path: str
    stored: str
    out: str = ""


class Listing(NamedTuple):
    """What a folder holds, and who said so: git or walk; `note` says why it was not git."""

    by: str
    note: str
    found: list[Found]


def refuse_no_folder(root: Path) -> None:
    """Raise `NoSuchFolderError` where there is no folder to read; it says what there is."""
    if not root.is_dir():
        there = "is a file, not a folder" if root.exists() else "does not exist"
        msg = f"{str(root)!r} {there}; name the folder of a Python repository"
        raise NoSuchFolderError(msg, path=str(root))


def list_folder(
    root: Path, *, symlinks: bool = False, submodules: bool = False, worktrees: bool = False
) -> Listing:
    """List a folder's files; raises `NoSuchFolderError` where there is no folder to read.

    Inside a git work tree these are the tracked files and the untracked ones that are not ignored;
    a folder that an outer repository ignores is walked, like one outside git. What lies behind
    links, in submodules, and in nested work trees and clones is listed when asked for.
    """
    refuse_no_folder(root)
    by, note, met = _met(root)
    asked = {"submodule": submodules, "nested work tree": worktrees}
    found: list[Found] = []
    links: list[str] = []
    for path, sort in met:
        if sort == "link":
            links.append(path)
        elif asked.get(sort) and (root / path / ".git").exists():
            inside = list_folder(
                root / path, symlinks=symlinks, submodules=submodules, worktrees=worktrees
            )
            below = path.rstrip("/") + "/"
            found.extend(Found(below + f.path, below + f.stored, f.out) for f in inside.found)
        else:
            found.append(Found(path, path, sort))
    found += list(_behind(os.path.realpath(root), links, found, follow=symlinks))
    return Listing(by, note, found)


def _met(root: Path) -> tuple[str, str, Iterable[tuple[str, str]]]:
    """Return who lists the folder, why it is not git, and (path, sort) of what is in it.

    The sort is empty for a file, `link`, `submodule`, `nested work tree`, or why a path is out.
    """
    if not in_git(root.resolve()):
        return "walk", "not inside a git work tree", _walk(str(root))
    listed = git(root, "ls-files", "-zst", "--cached", "--others", "--exclude-standard")
    if listed is None:
        return "walk", NOT_READ, _walk(str(root))
    if git(root, "check-ignore", "-q", ".") is not None:
        return "walk", "ignored by the git work tree around it", _walk(str(root))
    hidden = git(root, "ls-files", "-zoi", "--exclude-standard", "--directory") or b""
    return "git", "", [*_listed(listed), *_ignored(hidden)]


def _listed(printed: bytes) -> Iterator[tuple[str, str]]:
    """Read `TAG mode object stage<TAB>path` for tracked files and `? path` for others."""
    entries = os.fsdecode(printed).split("\0")
    foreign = _foreign(entry[2:] for entry in entries if entry.startswith("? "))
    seen: set[str] = set()
    for entry in entries:
        if entry.startswith("? "):
            yield from _untracked(entry[2:], foreign, seen)
        elif entry:
            facts, _, path = entry.partition("\t")
            if path not in seen:  # an unmerged path has up to three entries
                seen.add(path)
                yield path, _SORTS.get(facts[2:8], "")


def _untracked(
    path: str, environments: frozenset[str], seen: set[str]
) -> Iterator[tuple[str, str]]:
    out = _outside(path, environments)
    if out is None:
        yield path, "nested work tree" if path.endswith("/") else ""
    elif out not in seen:
        seen.add(out)
        if out.rstrip("/").rpartition("/")[2] not in UNMENTIONED:
            yield out, "default"


def _outside(path: str, environments: frozenset[str]) -> str | None:
    """Return the outermost folder of the path that is left out by default."""
    at = path.find("/")
    start = 0
    while at >= 0:
        name, folder = path[start:at], path[: at + 1]
        if name in UNMENTIONED or name in FOREIGN or folder in environments:
            return folder
        start, at = at + 1, path.find("/", at + 1)
    return None


def _foreign(paths: Iterable[str]) -> frozenset[str]:
    """Return the folders that hold a virtual environment."""
    found = set()
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name == "pyvenv.cfg" and folder:
            found.add(folder + "/")
        elif folder.endswith("/conda-meta"):
            found.add(folder.removesuffix("conda-meta"))
    return frozenset(found)


def _ignored(printed: bytes) -> Iterator[tuple[str, str]]:
    """Read what git ignores: whole folders, and files."""
    for path in os.fsdecode(printed).split("\0"):
        if path and not UNMENTIONED.intersection(path.rstrip("/").split("/")):
            yield path, "git-ignored"


def _walk(top: str) -> Iterator[tuple[str, str]]:
    """Walk without following links; folders left out by default are not entered."""
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            with os.scandir(f"{top}/{below}") as entries:
                found = list(entries)
        except OSError as error:
            yield below or ".", f"unreadable: {error.strerror}"
            continue
        names = {entry.name for entry in found}
        if below and names & ENVIRONMENT:
            yield below, "default"
            continue
        for entry in found:
            path = below + entry.name
            if entry.is_symlink():
                yield path, "link"
            elif not entry.is_dir(follow_symlinks=False):
                yield path, ""
            elif entry.name in FOREIGN or _build_output(entry):
                yield path + "/", "default"
            elif entry.name not in UNMENTIONED:
                pending.append(path + "/")


def _build_output(folder: os.DirEntry[str]) -> bool:
    """Whether setuptools left copies here; a package may well be called `build`."""
    return folder.name == "build" and os.path.isdir(f"{folder.path}/lib")  # noqa: PTH112 - hot path


def _behind(top: str, links: list[str], found: list[Found], *, follow: bool) -> Iterator[Found]:
    """Say why a link is out, or list what it leads to: a file, or a folder whose files are listed.

    Links inside a folder that was reached through a link are not followed: no loop is endless.
    """
    for link in links:
        target, out = _target(top, link)
        if out or not follow:
            yield Found(link, link, out or "symlink")
        elif os.path.isdir(f"{top}/{target}"):  # noqa: PTH112 - paths are text here
            inside = [f for f in found if f.path.startswith(target + "/")]
            for path, stored, why in inside:
                yield Found(link + path[len(target) :], stored, why)
            if not inside:
                yield Found(link, link, "symlink")
        else:
            yield Found(link, target)


def _target(top: str, link: str) -> tuple[str, str]:
    """Return the path below the root that a link leads to, or why it leads to none."""
    try:
        real = os.path.realpath(f"{top}/{link}", strict=True)
    except FileNotFoundError:
        return "", "dangling symlink"
    except OSError as error:
        loop = error.errno == errno.ELOOP
        return "", "symlink loop" if loop else f"unreadable: {error.strerror}"
    if real == top or f"{top}/{link}/".startswith(real + "/"):
        return "", "symlink loop"
    if not real.startswith(top.rstrip("/") + "/"):
        return "", "symlink out of root"
    return real[len(top.rstrip("/")) + 1 :], ""
