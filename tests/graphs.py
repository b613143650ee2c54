"""A small graph with real rows, written through the store, that tests ask questions of."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from codeanatomy.cpg.compile import compile_plan
from codeanatomy.cpg.edges import BY_NAME as EDGE_KINDS
from codeanatomy.cpg.edges import EDGES, EDGES_TABLE
from codeanatomy.cpg.evidence import EXTRACTION_ERRORS, FILE_LINES, FILES, TS_STATS
from codeanatomy.cpg.nodes import BY_NAME as NODE_KINDS
from codeanatomy.cpg.nodes import NODES, NODES_TABLE, NONE_SEEN, PROPS_TABLE
from codeanatomy.store.manifest import Manifest, publish
from codeanatomy.store.open import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from codeanatomy.kernel.schema import Table

SOURCE = '''\
__all__ = ["Cat"]

class Animal:
    """What breathes."""

class Cat(Animal):
    def meow(self, times):
        return times
'''
BROKEN = "def (:\n"
FILE = 1 << 32  # the first number of the first file's nodes


def write_graph(root: Path, store: Path, number: int = 0, **facts: object) -> Manifest:
    """Write sources below `root`, and their graph into `store` as version `number`."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "zoo.py").write_text(SOURCE, "utf-8")
    (root / "bad.py").write_text(BROKEN, "utf-8")
    opened = open_store(store)
    rows: dict[str, tuple[Table, list[dict[str, Any]]]] = {
        "files": (FILES, files()),
        "file_lines": (FILE_LINES, lines()),
        "extraction_errors": (EXTRACTION_ERRORS, errors()),
        "ts_stats": (TS_STATS, stats()),
        "nodes": (NODES_TABLE, nodes()),
        "edges": (EDGES_TABLE, edges()),
        "props": (PROPS_TABLE, props()),
    }
    pinned = {
        name: opened.append(table, _arrow(table, found)) for name, (table, found) in rows.items()
    }
    manifest = Manifest(
        number=number,
        run_id=f"run{number}",
        created=1_700_000_000_000_000 + number,
        tables=pinned,
        facts={
            "repos": {"zoo": {"root": str(root), "files": 2, "bytes": len(SOURCE) + len(BROKEN)}},
            "absent": absent(),
            "gate": [
                {
                    "rule": "ends_exist",
                    "meaning": "both ends of every edge are nodes",
                    "checked": 22,
                    "failures": 0,
                    "example": "",
                },
            ],
            "plan": compile_plan().fingerprint(),
            "timings": {"link": 2.0, "step symbols": 0.25, "step meanings": 0.5},
            **facts,
        },
        parent=number - 1 if number else None,
    )
    publish(store, manifest)
    return manifest


def absent() -> dict[str, str]:
    """Say of every kind without rows why there is none."""
    made = {row["kind"] for row in (*nodes(), *edges())}
    found = {k.name: k.absent or NONE_SEEN for k in (*NODES, *EDGES) if k.name not in made}
    return found | {"cst_nodes": "libcst was not asked for: --evidence libcst"}


def files() -> list[dict[str, Any]]:
    """Return the rows of `files`."""
    return [_file(1, "zoo.py", SOURCE), _file(2, "bad.py", BROKEN)]


def lines() -> list[dict[str, Any]]:
    """Return the rows of `file_lines`."""
    found = []
    for number, text in ((1, SOURCE), (2, BROKEN)):
        start = 0
        for line, content in enumerate(text.splitlines(keepends=True), 1):
            end = start + len(content) - 1
            row = {"line": line, "bstart": start, "bend": end, "newline": "lf"}
            found.append({"repo": "zoo", "file_no": number, **row})
            start = end + 1
    return found


def errors() -> list[dict[str, Any]]:
    """Return the rows of `extraction_errors`: one file does not parse."""
    what = {
        "phase": "parse",
        "error": "SyntaxError",
        "message": "invalid syntax",
        "line": 1,
        "column": 4,
    }
    return [
        {"repo": "zoo", "file_no": 2, "extractor": name, **what} for name in ("ast", "symtable")
    ]


def stats() -> list[dict[str, Any]]:
    """Return the rows of `ts_stats`."""
    return [
        {"repo": "zoo", "file_no": 1, "errors": 0, "missing": 0, "error_bytes": 0},
        {"repo": "zoo", "file_no": 2, "errors": 1, "missing": 1, "error_bytes": 3},
    ]


def nodes() -> list[dict[str, Any]]:
    """Return the rows of `nodes`: a module, two classes, a method and its parameters."""
    return [
        _node(0, "file", "zoo.py", None, SOURCE),
        _node(1, "module", "zoo", "zoo", SOURCE),
        _node(2, "class", "Animal", "zoo.Animal", 'class Animal:\n    """What breathes."""'),
        _node(3, "class", "Cat", "zoo.Cat", SOURCE[SOURCE.index("class Cat") : -1]),
        _node(4, "method", "meow", "zoo.Cat.meow", SOURCE[SOURCE.index("def meow") : -1]),
        _node(5, "parameter", "self", "zoo.Cat.meow.self", "self"),
        _node(6, "parameter", "times", "zoo.Cat.meow.times", "times"),
        _node(7, "reference", "Animal", None, "Animal", SOURCE.index("Animal):")),
        _node(8, "reference", "times", None, "times", SOURCE.rindex("times")),
    ]


def edges() -> list[dict[str, Any]]:
    """Return the rows of `edges`."""
    return [
        _edge("CONTAINS", 0, 1),
        _edge("CONTAINS", 1, 2),
        _edge("CONTAINS", 1, 3),
        _edge("CONTAINS", 3, 4),
        _edge("PARAMETER", 4, 6, index=1),
        _edge("PARAMETER", 4, 5, index=0),
        _edge("MEMBER_OF", 4, 3),
        _edge("INHERITS_FROM", 3, 2, anchor="Animal):", index=0, confidence=None),
        _edge("REF", 7, 2, anchor="Animal):", role="load", method="explicit_global"),
        _edge("REF", 8, 6, anchor="times\n", role="load", method="local"),
        _edge("EXPORTS", 1, 3, method="all"),
    ]


def props() -> list[dict[str, Any]]:
    """Return the rows of `props`."""
    shared = {"repo": "zoo", "reach": "file"}
    return [
        {
            "nid": FILE + 2,
            "key": "docstring",
            "type": "string",
            "value": "What breathes.",
            **shared,
        },
        {"nid": FILE + 5, "key": "position", "type": "int", "value": "0", **shared},
        {"nid": FILE + 4, "key": "is_async", "type": "bool", "value": "false", **shared},
    ]


def _file(number: int, path: str, text: str) -> dict[str, Any]:
    return {
        "repo": "zoo", "file_no": number, "path": path, "size": len(text), "kind": "source",
        "sha256": sha256(text.encode()).hexdigest(), "encoding": "utf-8", "newline": "lf",
        "bom": False, "lines": text.count("\n"), "generated": False, "skipped": None,
    }  # fmt: skip


def _node(
    ordinal: int, kind: str, name: str, qualified: str | None, text: str, start: int | None = None
) -> dict[str, Any]:
    start = SOURCE.index(text) if start is None else start
    return {
        "node_id": bytes([ordinal]) * 16, "nid": FILE + ordinal, "kind": kind, "name": name,
        "qualified_name": qualified, "path": "zoo.py", "bstart": start, "bend": start + len(text),
        "line": SOURCE.count("\n", 0, start) + 1,
        "column": start - SOURCE.rfind("\n", 0, start) - 1, "syntax": None,
        "layer": NODE_KINDS[kind].layer, "sources": "ast", "file_no": 1, "repo": "zoo",
        "reach": "file",
    }  # fmt: skip


def _edge(
    kind: str, src: int, dst: int, anchor: str | None = None, method: str = "structure",
    confidence: float | None = 1.0, **props: object,
) -> dict[str, Any]:  # fmt: skip
    start = SOURCE.index(anchor) if anchor else None
    return {
        "src": FILE + src, "dst": FILE + dst, "kind": kind, "path": "zoo.py", "bstart": start,
        "bend": None if start is None or anchor is None else start + len(anchor.rstrip("):\n")),
        "line": None if start is None else SOURCE.count("\n", 0, start) + 1,
        "layer": EDGE_KINDS[kind].layer, "sources": "ast,symtable", "method": method,
        "confidence": confidence, "ambiguity_group": None, "props": props or None, "repo": "zoo",
        "reach": "file",
    }  # fmt: skip


def _arrow(table: Table, rows: Iterable[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=table.arrow())
