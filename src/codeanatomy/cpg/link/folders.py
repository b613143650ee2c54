"""Repositories and their folders: directories, packages, and the tree that holds the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg.link.rows import Edge, Place, Shared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codeanatomy.cpg.link.index import File
    from codeanatomy.cpg.link.rows import Key, Rows

_NOWHERE = Place(0)


def link_folders(
    rows: Rows,
    repos: Iterable[str],
    files: Mapping[int, File],
    folders: Mapping[tuple[str, str], Shared],
) -> None:
    """Make every repository and folder a node, and give each folder and file its one parent."""
    for repo in repos:
        rows.share(Shared("repository", repo, repo, repo, ""))
    for (repo, path), node in folders.items():
        if path:
            above = folders[repo, path.rpartition("/")[0]]
            _contains(rows, rows.share(above), rows.share(node), _NOWHERE)
    for file_no, file in files.items():
        holder = rows.share(folders[file.repo, file.path.rpartition("/")[0]])
        _contains(rows, holder, file.nid, Place(file_no))


def folder_nodes(files: Mapping[int, File]) -> dict[tuple[str, str], Shared]:
    """Return the node of every folder that holds files, the repository's root first.

    A folder with an importable module in it or below it is a package, unless it is an import root
    without `__init__`. Its dotted name starts at the import root of what it holds.
    """
    names: dict[tuple[str, str], str | None] = {}
    for file in sorted(files.values(), key=lambda f: (f.repo, f.path)):
        folder = file.path.rpartition("/")[0]
        name = _package_name(file) if file.importable else None
        while True:
            if names.get((file.repo, folder)) is None:
                names[file.repo, folder] = name
            if not folder:
                break
            folder = folder.rpartition("/")[0]
            name = name.rpartition(".")[0] if name else None
    return {
        place: _node(*place, name)
        for place, name in sorted(names.items(), key=lambda item: item[0])
    }


def _package_name(file: File) -> str:
    """Name the package that a file's folder is."""
    return file.module if file.package else file.module.rpartition(".")[0]


def _node(repo: str, path: str, name: str | None) -> Shared:
    if not path:
        return Shared("repository", repo, repo, repo, "")
    own = path.rpartition("/")[2]
    return Shared("package" if name else "directory", own, name or path, repo, path)


def _contains(rows: Rows, holder: Key, part: int | Key, place: Place) -> None:
    rows.add(Edge(holder, part, "CONTAINS", place, "repo", "path"))
