"""Every file of a folder is accounted for.

    python -m benchmarks.files [CORPUS ...]

Every path on the disk is a row of `selection`, once, with a reason; every Python file was read and
is a file and a module in the graph, with as many bytes and the digest that it has. Prints JSON;
ends with status 1 where something disagrees.
"""

from __future__ import annotations

import os
import sys
from hashlib import sha256
from typing import TYPE_CHECKING

from benchmarks import corpora
from benchmarks.findings import Findings, report
from benchmarks.graph import built, rows

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.cpg.api import Graph

UNMENTIONED = {"__pycache__", ".git", ".codeanatomy"}
NODES = "SELECT path, kind FROM nodes WHERE kind IN ('file', 'module') AND path IS NOT NULL"


def check(graph: Graph, root: Path, corpus: str) -> Findings:
    """Compare a folder with the tables `selection` and `files` and with the nodes."""
    found = Findings("files", corpus)
    chosen: dict[str, tuple[bool, str]] = {}
    for path, included, reason in rows(graph, "SELECT path, included, reason FROM selection"):
        if path in chosen:
            found.add("selected twice", path, 0, reason)
        chosen[path] = (included, reason)
    there = set(_paths(root))
    found.count("paths", len(there))
    for path in there - set(chosen):
        found.add("not mentioned", path, 0, "is on the disk")
    for path in set(chosen) - there:
        found.add("not there", path, 0, "is not on the disk")
    for path in corpora.python_files(root):
        if not chosen.get(path, (False, ""))[0]:
            found.add("left out", path, 0, f"{chosen.get(path)}")
    _check_read(graph, found, root, {path for path, (included, _) in chosen.items() if included})
    return found


def _check_read(graph: Graph, found: Findings, root: Path, chosen: set[str]) -> None:
    read = {path: rest for path, *rest in rows(graph, "SELECT path, sha256, size FROM files")}
    nodes = {(path, kind) for path, kind in rows(graph, NODES)}
    found.count("files", len(read))
    for path in chosen ^ set(read):
        found.add("read", path, 0, "is in one of `selection` and `files` only")
    for path, (digest, size) in read.items():
        raw = (root / path).read_bytes()
        if (sha256(raw).hexdigest(), len(raw)) != (digest, size):
            found.add("content", path, 0, f"has {len(raw)} bytes, in the graph {size}")
        for kind in ("file", "module"):
            if (path, kind) not in nodes:
                found.add("node", path, 0, f"no {kind} has this path")


def _paths(root: Path) -> list[str]:
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in UNMENTIONED]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]  # noqa: PTH118 - names may be no text
    return found


def main() -> None:
    """Check the corpora that the arguments name."""
    found = []
    names = [a for a in sys.argv[1:] if not a.startswith("--")]
    for corpus, root in corpora.chosen(names).items():
        with built(root, corpus) as graph:
            found.append(check(graph, root, corpus))
    report(found)


if __name__ == "__main__":
    main()
