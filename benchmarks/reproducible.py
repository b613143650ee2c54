"""The graph of the same sources is the same, byte for byte, however it is built.

    python -m benchmarks.reproducible [CORPUS ...]

Builds each corpus with 1 and 2 workers, under two hash seeds, in another folder whose files were
written in another order, with and without the cache, and after an edit that was taken back; each
build is a process of its own. Every stored table is scanned in key order and written as an Arrow
stream: the digests must be equal. Prints JSON; ends with status 1 where one differs.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import corpora
from benchmarks.findings import Findings, report

if TYPE_CHECKING:
    import pyarrow as pa

BUILD = """
import sys, codeanatomy
root, store, name, jobs, cache = sys.argv[1:]
codeanatomy.build(root, store=store, name=name, jobs=int(jobs), cache=cache == "cache")
"""
WAYS: dict[str, dict[str, int]] = {
    "1 worker": {"jobs": 1},
    "2 workers": {"jobs": 2},
    "another hash seed": {"seed": 4_242},
    "another folder, other order": {"moved": True},
    "a filled cache": {"cached": True},
    "an edit taken back": {"moved": True, "edited": True},
}
EDIT = b"\n\ndef edited(x): return edited(x)\nedited(1)\n"  # after half of the largest file
FACTS_OF_THIS_MACHINE = frozenset({"build_inputs", "numbers"})


def check(root: Path, corpus: str, folder: Path) -> Findings:
    """Build a corpus in every way and compare the tables with those of the first."""
    found = Findings("reproducible", corpus)
    first: dict[str, str] = {}
    for way, settings in WAYS.items():
        store = _build(root, corpus, folder, settings)
        tables = digests(store)
        shutil.rmtree(store)
        first = first or tables
        found.count("builds")
        found.count("tables", len(tables))
        for name in sorted(first.keys() | tables.keys()):
            if first.get(name) != tables.get(name):
                found.add("differs", name, 0, f"with {way}")
    return found


def _build(root: Path, corpus: str, folder: Path, settings: dict[str, int]) -> Path:
    store = folder / "store"
    if settings.get("moved"):
        root = moved(root, folder / "elsewhere")
    jobs, seed = str(settings.get("jobs", 2)), str(settings.get("seed", 0))
    for cache in ("cache", "cache") if settings.get("cached") else ("none",):
        arguments = [str(root), str(store), corpus, jobs, cache]
        _run([sys.executable, "-c", BUILD, *arguments], seed)
        if cache == "cache":  # what the cache holds stays, what was built goes
            _forget_graph(store)
    if settings.get("cached"):
        _run([sys.executable, "-c", BUILD, str(root), str(store), corpus, jobs, "cache"], seed)
    if settings.get("edited"):
        path = root / max(corpora.python_files(root), key=lambda p: (root / p).stat().st_size)
        text = path.read_bytes()
        for edited in (text[: len(text) // 2] + EDIT, text):
            path.write_bytes(edited)
            _run([sys.executable, "-c", BUILD, str(root), str(store), corpus, jobs, "none"], seed)
    return store


def _run(command: list[str], seed: str) -> None:
    subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True)


def _forget_graph(store: Path) -> None:
    """Delete all of a store but its cache."""
    for path in store.iterdir():
        if "cache" not in path.name:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def moved(root: Path, target: Path) -> Path:
    """Copy a folder's files in an order that chance decides."""
    paths = [path for path in root.rglob("*") if path.is_file()]
    random.Random(7).shuffle(paths)  # noqa: S311 - any order but the usual one
    for path in paths:
        there = target / path.relative_to(root)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, there)
    return target


def digests(store: Path) -> dict[str, str]:
    """Return the digest of every stored table, as an Arrow stream of its rows in key order."""
    import codeanatomy as ca

    graph = ca.open(store)
    found = {}
    for table in graph.tables():
        if table.key and table.name not in FACTS_OF_THIS_MACHINE and _is_stored(table.name):
            rows = graph.sql(f'SELECT * FROM "{table.name}"').to_arrow()  # noqa: S608 - names come from the graph
            found[table.name] = sha256(stream(rows, table.key)).hexdigest()
    return found


def _is_stored(name: str) -> bool:
    from codeanatomy.cpg.edges import EDGES_TABLE
    from codeanatomy.cpg.evidence import TABLES
    from codeanatomy.cpg.nodes import NODES_TABLE, PROPS_TABLE

    return name in {table.name for table in (*TABLES, NODES_TABLE, PROPS_TABLE, EDGES_TABLE)}


def stream(rows: pa.Table, key: tuple[str, ...]) -> bytes:
    """Write rows as one Arrow stream: sorted by their key, in one batch."""
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = [(field.name, _plain(field.type)) for field in rows.schema]
    rows = rows.cast(pa.schema(plain))
    order = pc.sort_indices(rows, sort_keys=[(column, "ascending") for column in key])
    rows = rows.take(order).combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return bytes(sink.getvalue())


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the ordinary type for one of views, which cannot be sorted."""
    import pyarrow as pa

    known = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}
    if pa.types.is_list(kind):
        return pa.list_(_plain(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _plain(field.type)) for field in kind])
    return known.get(kind, kind)


def main() -> None:
    """Check the corpora that the arguments name; without any, two that are soon built."""
    found = []
    names = [a for a in sys.argv[1:] if not a.startswith("--")] or ["flask", "attrs"]
    for corpus, root in corpora.chosen(names).items():
        with tempfile.TemporaryDirectory(prefix="codeanatomy-") as folder:
            found.append(check(root, corpus, Path(folder)))
    report(found)


if __name__ == "__main__":
    main()
