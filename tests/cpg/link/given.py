"""Facts of a store from a few words: files, what they bind, what they import, what they list."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from codeanatomy.cpg.entities import BASES, BINDINGS, DECLARED, MODULES, OPEN_NAMES
from codeanatomy.cpg.evidence import AST_EXPORTS, AST_IMPORTS, FILES
from codeanatomy.cpg.link.facts import Facts
from codeanatomy.cpg.link.link import link
from codeanatomy.cpg.link.modules import name_modules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codeanatomy.cpg.link.facts import Distributions
    from codeanatomy.cpg.link.link import Linked
    from codeanatomy.kernel.schema import Table

BUILTINS = {"len": 1, "Exception": 2}  # their nodes
STANDARD = frozenset({"os", "sys", "typing", "json"})


@dataclass(frozen=True)
class Given:
    """One file: module-level names with their kinds, import statements, `__all__`, open names."""

    path: str
    binds: Mapping[str, str] = field(default_factory=dict)
    imports: Sequence[str] = ()
    lists: Sequence[tuple[str | None, str]] = ()  # (name, operation)
    reads: Sequence[str] = ()
    repo: str = "r"
    kind: str = "source"


def facts(
    *files: Given,
    environment: Mapping[str, Distributions] | None = None,
    roots: Iterable[str] = (),
    unparsed: Iterable[int] = (),
) -> Facts:
    """Lay out what the files say as tables; they are numbered from 1 in the given order."""
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("files", "modules", "bindings", "imports", "exports", "open_names")
    }
    for number, file in enumerate(files, 1):
        _file(rows, number, file, tuple(roots))
    nid = [("nid", pa.int64())]
    return Facts(
        files=_table(rows["files"], [*_fields(FILES), *nid]),
        modules=_table(rows["modules"], _fields(MODULES)),
        bindings=_table(rows["bindings"], _fields(BINDINGS)),
        declared=_table([], _fields(DECLARED)),
        bases=_table([], _fields(BASES)),
        open_names=_table(rows["open_names"], _fields(OPEN_NAMES)),
        imports=_table(rows["imports"], [*_fields(AST_IMPORTS), *nid]),
        exports=_table(rows["exports"], _fields(AST_EXPORTS)),
        environment=environment or {},
        builtins=BUILTINS,
        unparsed=frozenset(unparsed),
    )


def linked(found: Facts) -> Linked:
    """Link with numbers handed out in order of request."""
    return link(found, lambda keys: {key: n for n, key in enumerate(keys)}, STANDARD)


def meanings(found: Facts) -> dict[tuple[str, str | None], tuple[str, str | None, str | None]]:
    """Return (status, target, reason) of each import by (module as written or found, name)."""
    rows = linked(found).imports.to_pylist()
    return {(r["module"], r["name"]): (r["status"], r["target"], r["reason"]) for r in rows}


def targets(found: Facts, kind: str) -> list[tuple[str, str, str]]:
    """Return (path of the source, node it leads to, method) of each edge of a kind, sorted."""
    result = linked(found)
    names = {row["nid"]: row["qualified_name"] or row["name"] for row in result.nodes.to_pylist()}
    names |= {row["nid"]: row["module"] for row in found.modules.to_pylist()}
    names |= {row["nid"]: row["name"] for row in found.bindings.to_pylist()}
    names |= {nid: text for text, nid in BUILTINS.items()}
    names |= {row["nid"]: row["path"] for row in found.files.to_pylist()}
    edges = [row for row in result.edges.to_pylist() if row["kind"] == kind]
    return sorted((row["path"], names[row["dst"]], row["method"]) for row in edges)


def _file(
    rows: dict[str, list[dict[str, Any]]], number: int, file: Given, roots: tuple[str, ...]
) -> None:
    same = {"repo": file.repo, "file_no": number}
    rows["files"].append({
        **same, "path": file.path, "sha256": "", "size": 1, "kind": file.kind, "newline": "lf",
        "bom": False, "lines": 1, "generated": False, "nid": number << 32,
    })  # fmt: skip
    (named,) = name_modules(file.repo, [(number, file.path, file.kind)], roots, file.repo, False)  # noqa: FBT003 - as it is called
    rows["modules"].append({**named._asdict(), **same, "nid": number << 32 | 1})
    count = 2
    for name, kind in file.binds.items():
        rows["bindings"].append(_bound(same, name, number << 32 | count, kind))
        count += 1
    for statement in file.imports:
        (parsed,) = ast.parse(statement).body
        for row in _import_rows(parsed):
            nid = number << 32 | count
            place = {"bstart": count * 10, "bend": count * 10 + 5}
            rows["imports"].append({**same, **row, **place, "node": count, "nid": nid})
            if row["binds"] and row["binds"] not in file.binds:
                rows["bindings"].append(_bound(same, row["binds"], nid, "import"))
            count += 1
    for ordinal, (listed, operation) in enumerate(file.lists):
        rows["exports"].append({
            **same, "ordinal": ordinal, "name": listed, "operation": operation,
            "bstart": 1000 + ordinal, "bend": 1001 + ordinal,
        })  # fmt: skip
    for name in file.reads:
        rows["open_names"].append({
            **same, "nid": number << 32 | count, "name": name, "class": "implicit_global",
            "owner": number << 32 | 1,
            "role": "load", "bstart": 2000 + count, "bend": 2001 + count,
        })  # fmt: skip
        count += 1


def _bound(same: dict[str, Any], name: str, nid: int, kind: str) -> dict[str, Any]:
    return {**same, "scope": 0, "name": name, "nid": nid, "kind": kind, "givers": 1}


def _import_rows(node: ast.stmt) -> list[dict[str, Any]]:
    assert isinstance(node, ast.Import | ast.ImportFrom)
    plain = isinstance(node, ast.Import)
    found = []
    for alias in node.names:
        star = alias.name == "*"
        top = alias.name.split(".")[0] if plain else alias.name
        found.append({
            "statement": 0, "scope": 0, "kind": "import" if plain else "from",
            "module": alias.name if plain else getattr(node, "module", None) or "",
            "name": None if plain or star else alias.name, "asname": alias.asname,
            "binds": None if star else alias.asname or top,
            "level": getattr(node, "level", 0), "star": star, "guard": "none",
        })  # fmt: skip
    return found


def _fields(table: Table) -> list[pa.Field]:
    return list(table.arrow())


def _table(rows: list[dict[str, Any]], fields: list[pa.Field]) -> pa.Table:
    return pa.Table.from_pylist(rows, pa.schema(fields))
