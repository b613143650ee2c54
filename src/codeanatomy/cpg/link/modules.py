"""Names of modules: which import root a file lies in, and what imports call it there."""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ABOVE = ".."  # the root of a repository whose own folder is a package
_SUFFIXES = {"source": (".py", ".pyw"), "stub": (".pyi",)}


class ModuleName(NamedTuple):
    """One file as a module: columns of the table `modules`, without the repository and node."""

    file_no: int
    module: str
    package: bool
    stub: bool
    root: str
    importable: bool


def name_modules(
    repo: str,
    files: Sequence[tuple[int, str, str]],
    import_roots: Iterable[str],
    root_name: str,
    root_is_package: bool,  # noqa: FBT001 - one of the facts about the root folder
) -> list[ModuleName]:
    """Name each (file_no, path, kind) by the longest import root it lies in, in the given order.

    A root's own `__init__` is named from the next root above it. `root_name` is the name of the
    repository's folder; `repo` stands in for it where that is empty.
    """
    below = sorted({"src", *map(_folder, import_roots)} - {""}, key=len, reverse=True)
    prefix = [root_name or repo] if root_is_package else []
    found = []
    for file_no, path, kind in files:
        stem = _stem(path.rpartition("/")[2], kind)
        parts = [*path.split("/")[:-1], stem]
        package = stem == "__init__" and path.endswith((".py", ".pyi"))
        if package:
            parts.pop()
        root = next((r for r in below if path.startswith(f"{r}/") and r.split("/") != parts), "")
        parts = parts[root.count("/") + 1 :] if root else prefix + parts
        written = kind in _SUFFIXES and path.endswith((".py", ".pyi"))
        importable = written and all(p.isidentifier() and not iskeyword(p) for p in parts)
        name = ".".join(parts) or root_name or repo
        shown = root or (ABOVE if root_is_package else "")
        found.append(ModuleName(file_no, name, package, kind == "stub", shown, importable))
    return found


def _folder(root: str) -> str:
    """Write a configured root as paths are written: no leading `./`, no slash at the end."""
    return "/".join(part for part in root.split("/") if part not in ("", "."))


def _stem(name: str, kind: str) -> str:
    """Drop what a file's name has for its kind: `x.py` is x, `x.ipynb#cell3` is x#cell3."""
    if kind == "cell":
        notebook, _, cell = name.rpartition("#")
        return f"{notebook.removesuffix('.ipynb')}#{cell}"
    return next((name.removesuffix(s) for s in _SUFFIXES.get(kind, ()) if name.endswith(s)), name)
