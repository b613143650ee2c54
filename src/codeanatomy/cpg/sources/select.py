"""Choosing files: which paths of a folder become part of a build, and why the others do not."""

from __future__ import annotations

import errno
import os
import re
import stat
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from codeanatomy.cpg.sources.listing import list_folder
from codeanatomy.cpg.sources.notebook import code_cells
from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pathspec import GitIgnoreSpec

KINDS = {"py": "source", "pyw": "source", "pyi": "stub", "ipynb": "cell"}
REASONS = {"source": "python", "stub": "python", "script": "shebang", "cell": "notebook cell"}
HEAD_BYTES = 128
READINGS = 3

_SHEBANG = re.compile(rb"#![^\n]*?(?:\b(?:python|pypy)[\d.]*(?=\s|$)|\buv run\b)")
_SHOWN = re.compile(r"\\(?:x([0-9a-f]{2})|\\)")
_OPEN = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
    _OPEN |= getattr(os, _flag, 0)


class SelectSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which files are asked for; patterns are those of `.gitignore`."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    follow_symlinks: bool = False
    submodules: bool = False
    worktrees: bool = False
    notebooks: bool = False
    max_file_bytes: int = 20_000_000

    @classmethod
    def of(cls, values: Mapping[str, object]) -> SelectSpec:
        """Take from a configuration's values those that choose files."""
        return msgspec.convert({k: values[k] for k in cls.__struct_fields__ if k in values}, cls)


class Entry(NamedTuple):
    r"""One chosen file: `path` names it, `stored` opens it; `cell` counts a notebook's from 1.

    `path` can be shown and stored: in it a byte that is no UTF-8 is `\\xNN` and a backslash is
    doubled. `size` is in bytes, `mtime_ns` in nanoseconds.
    """

    path: str
    stored: str
    size: int
    mtime_ns: int
    inode: int
    kind: str
    cell: int = 0


class Row(NamedTuple):
    """One row of the table `selection`."""

    path: str
    included: bool
    reason: str


class Selected(NamedTuple):
    """What a build reads, and a row for every path met; both in the order of their path's bytes.

    `by` is git or walk: who listed the folder; `note` says why it was not git.
    """

    entries: list[Entry]
    rows: list[Row]
    by: str
    note: str


class Skipped(NamedTuple):
    """Why a chosen file could not be read after all."""

    reason: str


def select(root: Path, spec: SelectSpec) -> Selected:
    """Choose the Python files below `root`; raises `NoSuchFolderError` and `SpecError`."""
    left_out = _globs(spec)
    listing = list_folder(
        root, symlinks=spec.follow_symlinks, submodules=spec.submodules, worktrees=spec.worktrees
    )
    entries: list[Entry] = []
    rows: list[Row] = []
    folders = {"": True}
    for path, stored, out in listing.found:
        kind = _kind(path)
        reason = out or ("not python" if kind is None else "glob" if left_out(path) else "")
        if reason or kind is None:
            rows.append(Row(shown(path), included=False, reason=reason))
            continue
        met = _examined(str(root), spec, folders, Entry(shown(path), stored, 0, 0, 0, kind))
        if isinstance(met, Skipped):
            rows.append(Row(shown(path), included=False, reason=met.reason))
        else:
            entries += met
            rows += [Row(e.path, included=True, reason=REASONS[e.kind]) for e in met]
    entries.sort()  # text sorts as its UTF-8 bytes do: by code point
    rows.sort()
    return Selected(entries, rows, listing.by, listing.note)


def read(root: Path, entry: Entry) -> bytes | Skipped:
    """Return the file's bytes as they are now, or why they cannot be had; never raises `OSError`.

    A link is not followed, a pipe is not waited for, and a file that took the place of the chosen
    one is read only if its folder is still inside the root.
    """
    raw = _read(str(root), entry.stored, entry.inode)
    if not entry.cell or isinstance(raw, Skipped):
        return raw
    cells = _cells(raw)
    return cells if isinstance(cells, Skipped) else cells.get(entry.cell, Skipped("missing"))


def shown(path: str) -> str:
    """Write a path so that it can be shown and stored, no two paths alike."""
    if path.isascii() and "\\" not in path:
        return path
    doubled = path.replace("\\", "\\\\")
    return doubled.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def stored(path: str) -> str:
    """Return the path below the root that `shown` wrote."""
    if "\\" not in path:
        return path
    return _SHOWN.sub(lambda m: chr(0xDC00 + int(m[1], 16)) if m[1] else "\\", path)


def _globs(spec: SelectSpec) -> Callable[[str], bool]:
    """Return what tells whether the patterns leave a path out."""
    if not spec.include and not spec.exclude:
        return lambda _path: False
    include = _patterns("include", spec.include or ("*",))
    exclude = _patterns("exclude", spec.exclude)
    return lambda path: exclude.match_file(path) or not include.match_file(path)


def _patterns(setting: str, patterns: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - heavy: only where patterns are given

    try:
        return GitIgnoreSpec.from_lines(patterns, backend="simple")
    except ValueError as error:
        msg = f"{setting} {list(patterns)}: {error}; patterns are written as in .gitignore"
        raise SpecError(msg, setting=setting, patterns=patterns) from error


def _kind(path: str) -> str | None:
    """Tell from the name what a file may be; one without an extension may be a script."""
    name = path.rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    return (KINDS.get(suffix) if stem else None) if dot else "script"


def _examined(
    top: str, spec: SelectSpec, folders: dict[str, bool], entry: Entry
) -> list[Entry] | Skipped:
    """Look at one file: its facts, and for scripts and notebooks what is in it."""
    if entry.kind == "cell" and not spec.notebooks:
        return Skipped("notebook")
    try:
        facts = os.lstat(f"{top}/{entry.stored}")
    except (OSError, ValueError) as error:
        return _why(error)
    refused = _refused(top, spec, folders, entry.stored, facts)
    if refused:
        return refused
    entry = entry._replace(size=facts.st_size, mtime_ns=facts.st_mtime_ns, inode=facts.st_ino)
    if entry.kind == "cell":
        return _cell_entries(top, entry)
    return (_not_script(top, entry) if entry.kind == "script" else None) or [entry]


def _refused(
    top: str, spec: SelectSpec, folders: dict[str, bool], stored: str, facts: os.stat_result
) -> Skipped | None:
    if not stat.S_ISREG(facts.st_mode):
        return Skipped("symlink" if stat.S_ISLNK(facts.st_mode) else "not a regular file")
    if not _real(top, stored.rpartition("/")[0], folders):
        return Skipped("symlink")
    return Skipped("too large") if facts.st_size > spec.max_file_bytes else None


def _real(top: str, folder: str, known: dict[str, bool]) -> bool:
    """Whether no folder on the way is a link: git lists what it tracked before it became one."""
    found = known.get(folder)
    if found is None:
        link = os.path.islink(f"{top}/{folder}")  # noqa: PTH114 - hot path
        found = known[folder] = not link and _real(top, folder.rpartition("/")[0], known)
    return found


def _not_script(top: str, entry: Entry) -> Skipped | None:
    """Say why a file without an extension is no Python script; its first bytes tell."""
    head = _read(top, entry.stored, entry.inode, HEAD_BYTES)
    if isinstance(head, Skipped):
        return head
    if _SHEBANG.match(head):
        return None
    return Skipped("not text" if b"\0" in head else "not python")


def _cell_entries(top: str, notebook: Entry) -> list[Entry] | Skipped:
    raw = _read(top, notebook.stored, notebook.inode)
    cells = raw if isinstance(raw, Skipped) else _cells(raw)
    if isinstance(cells, Skipped):
        return cells
    found = [
        notebook._replace(path=f"{notebook.path}#cell{number}", size=len(source), cell=number)
        for number, source in cells.items()
    ]
    return found or Skipped("no code cells")


@lru_cache(maxsize=1)
def _cells(raw: bytes) -> dict[int, bytes] | Skipped:
    try:
        return code_cells(raw)
    except ValueError as error:
        return Skipped(str(error))


def _read(top: str, stored: str, inode: int, limit: int = -1) -> bytes | Skipped:
    try:
        handle = os.open(f"{top}/{stored}", _OPEN)
    except (OSError, ValueError) as error:
        return _why(error)
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            return Skipped("not a regular file")
        if facts.st_ino != inode and not _inside(top, stored):
            return Skipped("symlink out of root")
        return _whole(handle, facts) if limit < 0 else os.read(handle, limit)
    except OSError as error:
        return _why(error)
    finally:
        os.close(handle)


def _whole(handle: int, before: os.stat_result) -> bytes | Skipped:
    """Read a file that nobody writes to meanwhile; one that keeps changing is not read."""
    for _ in range(READINGS):
        os.lseek(handle, 0, os.SEEK_SET)
        with open(handle, "rb", buffering=0, closefd=False) as file:
            raw = file.read()
        after = os.fstat(handle)
        if (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns):
            return raw
        before = after
    return Skipped("changed while it was read")


def _inside(top: str, stored: str) -> bool:
    real = os.path.realpath(top).rstrip("/") + "/"
    return os.path.realpath(f"{top}/{stored}").startswith(real)


def _why(error: OSError | ValueError) -> Skipped:
    """Say in a word why the system will not give a file."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Skipped("missing")
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return Skipped("symlink")
    if isinstance(error, OSError) and error.errno == errno.ENXIO:
        return Skipped("not a regular file")  # a socket
    return Skipped(f"unreadable: {getattr(error, 'strerror', None) or error}")
