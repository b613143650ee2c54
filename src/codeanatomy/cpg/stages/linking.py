"""Linking: the stage that looks at every repository of the store together."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg import entities, evidence, ids
from codeanatomy.cpg.edges import EDGES_TABLE
from codeanatomy.cpg.link.facts import Facts
from codeanatomy.cpg.link.link import link
from codeanatomy.cpg.nodes import DEFAULT_LAYERS, LAYERS, NODES_TABLE, SHARED
from codeanatomy.cpg.progress import Progress
from codeanatomy.cpg.stages.resolving import resolve_calls
from codeanatomy.cpg.stages.witnesses import indexed_symbols

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.cpg.stages.stage import Stage
    from codeanatomy.kernel.schema import Table


def link_repositories(stage: Stage) -> None:
    """Find what files mean to each other, and write the rows of every repository that changed."""
    stage.say(Progress("link", 0, len(stage.files)))
    began = time.process_time()
    others = sorted(set(stage.place.repos) - {stage.spec.name})
    facts = _facts(stage, others)
    stdlib = frozenset(sys.stdlib_module_names) | frozenset(sys.builtin_module_names)
    found = link(facts, lambda keys: stage.hand_out("global", keys), stdlib)
    builtin_nodes = _builtin_nodes(stage)
    nodes = pa.concat_tables([found.nodes, builtin_nodes], promote_options="permissive")
    edges, known = found.edges, _known_nodes(stage, facts)
    call_sites = np.zeros(0, np.int64)
    resolved = resolve_calls(stage, facts, found, lambda t, name: _all(stage, t, name, others))
    if resolved is not None:
        fresh = resolved.nodes.filter(pc.invert(pc.is_in(resolved.nodes["nid"], nodes["nid"])))
        nodes = pa.concat_tables([nodes, fresh], promote_options="permissive")
        edges = pa.concat_tables([edges, resolved.edges])
        spots = _all(stage, entities.STEP_NODES, "step_nodes", others)
        attributes = _all(stage, entities.CLASS_ATTRIBUTES, "class_attributes", others)
        known = np.concatenate([known, *(t["nid"].to_numpy() for t in (spots, attributes)),
                                resolved.tolerant])  # fmt: skip
        written = spots.filter(pc.equal(spots["kind"], "Call"))["nid"].to_numpy()
        call_sites = np.concatenate([written, resolved.tolerant])
    indexed = indexed_symbols(stage, facts)
    if indexed is not None:
        nodes = pa.concat_tables([nodes, indexed.nodes], promote_options="permissive")
        edges = pa.concat_tables([edges, indexed.edges])
        known = np.concatenate([known, indexed.ends])
    nodes = nodes.sort_by("nid")
    known = np.sort(known)
    open_names = facts.open_names["nid"].to_numpy().astype(np.int64)
    stage.gate.check_program(nodes, edges, lambda n: ids.among(known, n), open_names, call_sites)
    stage.gate.refuse()
    nodes, edges = _layered(stage, facts.files, nodes, edges)
    for table, rows in ((NODES_TABLE, nodes), (EDGES_TABLE, edges)):
        stage.count(rows, stage.linked)
        for repo in (*others, stage.spec.name, SHARED):
            part = _of(rows, repo)
            if repo == stage.spec.name or not _same(stage, table, part, repo):
                stage.writer.write(table, part, {"repo": repo, "reach": "program"})
    for repo in (*others, stage.spec.name):
        for table, rows in ((evidence.IMPORTS, found.imports),
                            (evidence.EXTERNAL_INTERFACES, found.external_interfaces)):  # fmt: skip
            stage.writer.write(table, _of(rows, repo), {"repo": repo})
    stage.write_numbers()
    stage.timed("link", began)


def _facts(stage: Stage, others: list[str]) -> Facts:
    """Gather what every repository offers to others: this one's from memory, theirs stored."""
    repos = stage.place.repos
    environment = {
        name: {k: (v[0], v[1]) for k, v in repos[name]["environment"].items()} for name in others
    }
    environment[stage.spec.name] = stage.environment
    unparsed = {n for name in others for n in repos[name]["unparsed"]} | stage.unparsed
    files = _all(stage, evidence.FILES, "files", others)
    nid = files["file_no"].to_numpy().astype(np.int64) << 32
    lines = _all(stage, evidence.FILE_LINES, "file_lines", others)
    return Facts(
        files=files.append_column("nid", pa.array(nid)),
        modules=_all(stage, entities.MODULES, "modules", others),
        bindings=_all(stage, entities.BINDINGS, "bindings", others),
        declared=_all(stage, entities.DECLARED, "declared", others),
        bases=_all(stage, entities.BASES, "bases", others),
        open_names=_all(stage, entities.OPEN_NAMES, "open_names", others),
        imports=_imports(stage, others),
        exports=_all(stage, evidence.AST_EXPORTS, "exports", others),
        environment=environment,
        builtins={name: stage.builtin_nid(name) for name in _every_builtin(stage)},
        file_lines=lines.select(["file_no", "line", "bstart"]).sort_by(
            [("file_no", "ascending"), ("line", "ascending")]
        ),
        unparsed=frozenset(unparsed),
        makers=frozenset({n for name in others for n in repos[name]["makers"]} | stage.makers),
    )


def _all(stage: Stage, table: Table, name: str, others: list[str]) -> pa.Table:
    schema = table.arrow()
    parts = [_fitted(rows, stage.spec.name, schema) for rows in stage.own.get(name, ())]
    for repo in others:
        rows = stage.place.rows(table.name, repo)
        if rows is not None:
            parts.append(_fitted(rows, repo, schema))
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _fitted(rows: pa.Table, repo: str, schema: pa.Schema) -> pa.Table:
    if "repo" not in rows.column_names:
        rows = rows.append_column("repo", pa.array([repo] * rows.num_rows, pa.string()))
    return rows.select(schema.names).cast(schema)


def _imports(stage: Stage, others: list[str]) -> pa.Table:
    """Return every import with its node."""
    schema = evidence.AST_IMPORTS.arrow().append(pa.field("nid", pa.int64()))
    parts = [_fitted(rows, stage.spec.name, schema) for rows in stage.own.get("imports", ())]
    for repo in others:
        rows, numbered = (stage.place.rows(t, repo) for t in ("ast_imports", "import_nodes"))
        if rows is not None and numbered is not None:
            numbered = numbered.select(["file_no", "node", "nid"])
            keys = ["file_no", "node"]
            joined = rows.join(numbered, keys).sort_by([(key, "ascending") for key in keys])
            parts.append(_fitted(joined, repo, schema))
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _every_builtin(stage: Stage) -> list[str]:
    """Name the builtins that any build into this store has known: older edges may lead to them."""
    return sorted(name for _, name in stage.builtins)


def _builtin_nodes(stage: Stage) -> pa.Table:
    """Make the nodes of Python's builtins, which every repository shares."""
    names = sorted(_every_builtin(stage), key=lambda n: stage.builtins["builtin", n])
    length = len(names)
    nid = np.array([stage.builtin_nid(n) for n in names], np.int64)
    zeros = np.zeros(length, np.int64)
    nothing = np.zeros(length, np.uint64)
    qualified = pa.array([f"builtins.{n}" for n in names], pa.string())
    kind = np.full(length, ids.KIND_CODE["builtin"], np.int64)
    node_id = ids.hashed(nothing, nothing, kind, ids.text_words(qualified), zeros, zeros)
    columns = {
        "node_id": node_id, "nid": nid, "kind": ["builtin"] * length, "name": names,
        "qualified_name": qualified, "layer": ["names"] * length, "sources": ["scan"] * length,
        "file_no": pa.array(zeros, pa.int32()), "repo": [SHARED] * length,
        "reach": ["program"] * length,
    }  # fmt: skip
    schema = NODES_TABLE.arrow()
    arrays = [
        pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(length, f.type)
        for f in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _known_nodes(stage: Stage, facts: Facts) -> np.ndarray:
    """Return the nodes of files that linked edges may lead from or to."""
    tables = (
        facts.files, facts.modules, facts.bindings, facts.declared, facts.imports, facts.bases,
        facts.open_names,
        facts.open_names.select(["owner"]).rename_columns(["nid"]),
    )  # fmt: skip
    parts = [table["nid"].to_numpy().astype(np.int64) for table in tables]
    return np.concatenate([*parts, [stage.builtin_nid(n) for n in _every_builtin(stage)]])


def _layered(
    stage: Stage, files: pa.Table, nodes: pa.Table, edges: pa.Table
) -> tuple[pa.Table, pa.Table]:
    """Leave out what the layers that a repository was asked for do not hold, and edges to it."""
    asked = {name: tuple(r["layers"]) for name, r in stage.place.repos.items()}
    asked[stage.spec.name] = stage.spec.layers
    asked[SHARED] = tuple(dict.fromkeys(layer for found in asked.values() for layer in found))
    if all(set(DEFAULT_LAYERS) <= set(layers) for layers in asked.values()):
        return nodes, edges
    nodes = nodes.filter(pa.array(_asked(asked, nodes)))
    shared = np.sort(nodes["nid"].to_numpy())
    kept = _asked(asked, edges)
    holds = np.zeros((int(pc.max(files["file_no"]).as_py() or 0) + 1, ids.RANGES), bool)
    for number, repo in zip(*(files[c].to_pylist() for c in ("file_no", "repo")), strict=True):
        holds[number, [LAYERS.index(layer) for layer in asked[repo]]] = True
    for end in ("src", "dst"):
        nid = edges[end].to_numpy()
        kept &= holds[nid >> 32, (nid >> ids.LAYER_BITS) % ids.RANGES] | ids.among(shared, nid)
    return nodes, edges.filter(pa.array(kept))


def _asked(asked: Mapping[str, tuple[str, ...]], rows: pa.Table) -> np.ndarray:
    """Say of each row whether its repository was asked for its layer."""
    kept = np.zeros(len(rows), bool)
    for repo, layers in asked.items():
        held = pc.is_in(rows["layer"], pa.array(layers, pa.string()))
        kept |= pc.and_(pc.equal(rows["repo"], repo), held).to_numpy()
    return kept


def _of(rows: pa.Table, repo: str) -> pa.Table:
    return rows.filter(pc.equal(rows["repo"], repo))


def _same(stage: Stage, table: Table, rows: pa.Table, repo: str) -> bool:
    """Whether the store already holds exactly these rows of another repository."""
    version = stage.place.pinned.get(table.name)
    if version is None:
        return False
    where = {"repo": repo, "reach": "program"}
    stored = stage.place.store.scan(table.name, as_of=version, where=where).read_all()
    keys = [(name, "ascending") for name in table.key]
    fitted = rows.select(table.arrow().names).cast(table.arrow()).sort_by(keys)
    return bool(stored.select(fitted.column_names).cast(table.arrow()).sort_by(keys).equals(fitted))
