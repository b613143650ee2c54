"""Small repositories, builds of them, and what it means that two stores hold the same graph."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from codeanatomy.cpg import config, entities, evidence
from codeanatomy.cpg.build import build
from codeanatomy.cpg.edges import EDGES_TABLE
from codeanatomy.cpg.nodes import NODES_TABLE, PROPS_TABLE
from codeanatomy.store.disk import Disk
from codeanatomy.store.manifest import Manifest, latest
from codeanatomy.store.open import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from codeanatomy.cpg.progress import Progress

MOMENTARY = ("build_inputs", "numbers")  # facts of one machine and one store
DECLARED = {
    table.name: table
    for table in (*evidence.TABLES, *entities.STORED, NODES_TABLE, EDGES_TABLE, PROPS_TABLE)
}
SHOP = {
    "shop/__init__.py": "from shop.goods import Apple\n__all__ = ['Apple']\n",
    "shop/goods.py": '''\
"""What is sold."""
import os
from .base import *
from .base import Thing as T

class Apple(T):
    price: int = 3

    @property
    def taxed(self) -> int:
        return sum(self.price for _ in range(2)) + helper(os.sep)
''',
    "shop/base.py": "class Thing:\n    pass\n\ndef helper(x):\n    return undefined_name\n",
    "shop/broken.py": "def f(:\n    pass\n",
    "tool": "#!/usr/bin/env python\nprint(1)\n",
    "notes.txt": "no Python\n",
}


class QuickDisk(Disk):
    """The real disk without waiting for it: a test that loses no power needs no `fsync`."""

    def fsync(self, path: Path) -> None:
        """Skip."""

    def fsync_dir(self, path: Path) -> None:
        """Skip."""


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder; return the folder."""
    root.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def built(
    root: Path,
    store: Path | str,
    progress: Callable[[Progress], None] | None = None,
    disk: Disk | None = None,
    **settings: object,
) -> Manifest:
    """Build a repository with these settings and no others of this machine."""
    given = {"store": str(store), "name": "shop", "jobs": 1, **settings}
    return build(root, config.resolve(root, given, {}), progress, disk or QuickDisk())


def rows(store: Path | str, table: str, **where: object) -> list[dict[str, Any]]:
    """Return rows of the newest version, in the order of the table's key."""
    found = tables(store)[table].to_pylist()
    return [row for row in found if all(row[name] == value for name, value in where.items())]


def tables(store: Path | str, manifest: Manifest | None = None) -> dict[str, pa.Table]:
    """Read every table of a version, the newest by default, in the order of its key."""
    found = manifest or latest(Path(str(store).rpartition("://")[2]))
    assert found is not None
    opened = open_store(store)
    return {
        name: opened.scan(name, as_of=version).read_all().sort_by(_order(name))
        for name, version in found.tables.items()
        if name not in MOMENTARY
    }


def as_bytes(store: Path | str) -> dict[str, bytes]:
    """Return the Arrow IPC bytes of each table in key order: what "equal tables" means."""
    return {name: _ipc(table) for name, table in tables(store).items()}


def assert_same_graph(one: Path | str, other: Path | str) -> None:
    """Compare two stores in every column; numbers of their own by what they stand for."""
    first, second = meanings(one), meanings(other)
    assert first.keys() == second.keys()
    for name, found in first.items():
        assert found == second[name], name


def meanings(
    store: Path | str, manifest: Manifest | None = None, paths: Iterable[str] | None = None
) -> dict[str, list[str]]:
    """Return each table's rows as sorted text, every `file_no` and `nid` by what it stands for.

    With `paths`, only rows that name one of these files.
    """
    found = tables(store, manifest)
    files = _pairs(found["files"], "file_no", ("repo", "path"))
    nodes = _pairs(found["nodes"], "nid", ("node_id",))

    def meant(column: str, value: Any) -> Any:  # noqa: ANN401 - a cell of any column
        if value is None or column == "file_no":
            return files.get(value)
        outside = value not in nodes  # a layer left out: then its place in the file tells it
        return (files[value >> 32], value & 0xFFFFFFFF) if outside else nodes[value]

    wanted = None if paths is None else set(paths)
    told = {}
    for name, table in found.items():
        given = {c.name for c in DECLARED[name].columns if c.sem in ("file", "nid")}
        given |= {"ambiguity_group"} & set(table.column_names)
        told[name] = sorted(
            repr({c: meant(c, v) if c in given else v for c, v in row.items()})
            for row in table.to_pylist()
            if wanted is None or wanted & {row.get("path"), _path(files, row)}
        )
    return told


def _path(files: Mapping[int, tuple[object, ...]], row: Mapping[str, Any]) -> object:
    return files.get(row.get("file_no", -1), (None,))[-1]


def _pairs(table: pa.Table, key: str, value: tuple[str, ...]) -> dict[int, tuple[object, ...]]:
    values = zip(*(table[name].to_pylist() for name in value), strict=True)
    return dict(zip(table[key].to_pylist(), values, strict=True))


def _order(table: str) -> list[tuple[str, str]]:
    return [(name, "ascending") for name in DECLARED[table].key]


def _ipc(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    plain = table.combine_chunks().replace_schema_metadata(None)
    with pa.ipc.new_stream(sink, plain.schema) as stream:
        stream.write_table(plain)
    return sink.getvalue()
