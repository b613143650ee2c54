"""Linkable: the facts of a file that other files need, with nodes in place of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg import entities, ids
from codeanatomy.cpg.normalize.identity import look_up

if TYPE_CHECKING:
    from codeanatomy.kernel.schema import Table


def bindings(
    places: pa.Table, files: pa.Table, bound: pa.Table, ast_defs: pa.Table, ast_params: pa.Table
) -> pa.Table:
    """Return the table `bindings`: each name bound in a scope, and the node it means."""
    nid = _nodes(places, "binding", bound, "binding")
    kinds, opens = _definitions(ast_defs, bound["file_no"], bound["node"])
    parameter = _among(ast_params, bound["file_no"], bound["node"])
    variable = np.where(bound["scope_kind"].to_numpy() == "class", "attribute", "variable")
    typed = bound["scope_kind"].to_numpy() == "type_parameters"
    other = np.where(parameter, "parameter", np.where(typed, "type parameter", "import"))
    kind = np.where(
        bound["node"].is_null().to_numpy(), variable, np.where(kinds == "", other, kinds)
    )
    rows = bound.append_column("nid", pa.array(nid))
    rows = rows.append_column("kind", pa.array(kind, pa.string()))
    rows = rows.append_column("opens", pa.array(opens, pa.int32(), mask=opens < 0))
    return _stored(entities.BINDINGS, rows, files)


def declared(places: pa.Table, files: pa.Table, resolved: pa.Table, ast_defs: pa.Table) -> pa.Table:
    """Return the table `declared`: the several givers of names that mean no single node."""
    several = pc.and_(pc.is_null(resolved["meant"]), pc.is_valid(resolved["binding"]))
    roles = pc.is_in(resolved["role"], pa.array(["import", "function", "class"]))
    rows = resolved.filter(pc.and_(several, roles))
    kinds, opens = _definitions(ast_defs, rows["file_no"], rows["node"])
    kind = np.where(kinds == "", "import", kinds)
    columns = {
        "nid": pa.array(_nodes(places, "node", rows, "node")),
        "opens": pa.array(opens, pa.int32(), mask=opens < 0),
        "kind": pa.array(kind, pa.string()),
    }
    for name, column in columns.items():
        rows = rows.append_column(name, column)
    return _stored(entities.DECLARED, rows, files)


def bases(
    places: pa.Table,
    files: pa.Table,
    ast_bases: pa.Table,
    resolved: pa.Table,
    missing: pa.Table,
) -> pa.Table:
    """Return the table `bases`: each base of a class, and what its first name means."""
    metaclass = pc.equal(ast_bases["keyword"], "metaclass").fill_null(False)  # noqa: FBT003 - pyarrow's signature
    rows = ast_bases.filter(pc.or_(pc.is_null(ast_bases["keyword"]), metaclass))
    key = _first_names(rows, resolved)
    meant = resolved.filter(pc.is_valid(resolved["binding"]))
    root = _first(key, meant, _nodes(places, "binding", meant, "binding"))
    builtin = missing.filter(pc.equal(missing["reason"], "builtin"))
    ordinals = builtin["builtin"].to_numpy().astype(np.int64)
    found = look_up(places, "global", np.zeros_like(ordinals), ordinals)
    root = np.maximum(root, _first(key, builtin, found))
    starred = missing.filter(missing["starred"])
    open_name = _first(key, starred, np.ones(len(starred), np.int64)) >= 0
    rows = rows.append_column("nid", pa.array(_nodes(places, "node", rows, "owner")))
    rows = rows.append_column("root", pa.array(root, pa.int64(), mask=root < 0))
    rows = rows.append_column("starred", pa.array(open_name))
    return _stored(entities.BASES, rows, files)


def _first_names(bases: pa.Table, resolved: pa.Table) -> np.ndarray:
    """Return where the first name of each base stands: in a keyword, after its `=`."""
    start = _keys(bases["file_no"], bases["bstart"])
    keyword = pc.is_valid(bases["keyword"]).to_numpy()
    names = np.sort(_keys(resolved["file_no"], resolved["bstart"]))
    if not len(names):
        return start
    after = names[np.minimum(np.searchsorted(names, start), len(names) - 1)]
    within = after < _keys(bases["file_no"], bases["bend"])
    return np.where(keyword & within, after, start)


def open_names(places: pa.Table, files: pa.Table, missing: pa.Table) -> pa.Table:
    """Return the table `open_names`: references that only a star import can give a meaning."""
    rows = missing.filter(missing["starred"])
    rows = rows.append_column("nid", pa.array(_nodes(places, "occurrence", rows, "occurrence")))
    owner = pa.array(_nodes(places, "node", rows, "owner"))
    rows = rows.set_column(rows.schema.get_field_index("owner"), "owner", owner)
    return _stored(entities.OPEN_NAMES, rows, files)


def import_nodes(places: pa.Table, files: pa.Table, ast_imports: pa.Table) -> pa.Table:
    """Return the imports with their nodes."""
    del files
    return ast_imports.append_column("nid", pa.array(_nodes(places, "node", ast_imports, "node")))


def step_nodes(
    places: pa.Table,
    files: pa.Table,
    ast_nodes: pa.Table,
    value_bodies: pa.Table,
    value_steps: pa.Table,
    ast_calls: pa.Table,
    ast_args: pa.Table,
    ast_decorators: pa.Table,
) -> pa.Table:
    """Return the table `step_nodes`: definitions, calls, arguments, and what steps stand for."""
    named = (value_bodies, value_steps, ast_calls, ast_args)
    wanted = [_keys(t["file_no"], t["node"])[pc.is_valid(t["node"]).to_numpy()] for t in named]
    key = _keys(ast_nodes["file_no"], ast_nodes["node"])
    kept = np.isin(key, np.unique(np.concatenate(wanted)))
    rows = ast_nodes.filter(pa.array(kept)).select(["file_no", "node", "bstart", "bend", "kind"])
    rows = rows.append_column("nid", pa.array(_nodes(places, "node", rows, "node")))
    key = key[kept]
    callee = ast_calls.filter(pc.is_valid(ast_calls["callee_bstart"]))
    order = np.argsort(calls := _keys(callee["file_no"], callee["node"]))
    at = np.minimum(np.searchsorted(calls[order], key), max(0, len(calls) - 1))
    hit = calls[order][at] == key if len(calls) else np.zeros(len(key), bool)
    for name in ("bstart", "bend"):
        own = rows[name].to_numpy().astype(np.int64)
        if len(calls):
            own = np.where(hit, callee[f"callee_{name}"].to_numpy()[order][at], own)
        rows = rows.append_column(f"name_{name}", pa.array(own, pa.int32()))
    applied = ast_decorators.select(["file_no", "node", "bstart", "bend"])
    columns = {"kind": pa.array(["@"] * len(applied), pa.string()),
               "nid": pa.array(_nodes(places, "decorator", applied, "node")),
               "name_bstart": applied["bstart"], "name_bend": applied["bend"]}  # fmt: skip
    for name, column in columns.items():
        applied = applied.append_column(name, column)
    rows = pa.concat_tables([rows, applied.select(rows.column_names)], promote_options="permissive")
    return _stored(entities.STEP_NODES, rows, files)


def class_attributes(
    places: pa.Table, files: pa.Table, instance_attributes: pa.Table, bound: pa.Table,
    ast_defs: pa.Table,
) -> pa.Table:  # fmt: skip
    """Return the table `class_attributes`: those set on `self`, and those bound in the body."""
    names = ["file_no", "owner", "name", "bstart", "bend"]
    own = instance_attributes.select(names)
    own = own.append_column("nid", pa.array(_nodes(places, "attribute", instance_attributes,
                                                   "attribute")))  # fmt: skip
    in_body = pc.and_(pc.equal(bound["scope_kind"], "class"), pc.is_null(bound["node"]))
    rows = bound.filter(in_body)
    classes = ast_defs.filter(pc.equal(ast_defs["kind"], "class"))
    opened = _keys(classes["file_no"], classes["scope"])
    order = np.argsort(opened)
    at = order[np.searchsorted(opened[order], _keys(rows["file_no"], rows["scope"]))]
    owner = pa.array(classes["node"].to_numpy()[at], pa.int32())
    rows = rows.append_column("owner", owner)
    rows = rows.append_column("nid", pa.array(_nodes(places, "binding", rows, "binding")))
    rows = pa.concat_tables([own, rows.select([*names, "nid"])], promote_options="permissive")
    return _stored(entities.CLASS_ATTRIBUTES, rows.rename_columns(
        ["file_no", "node", *names[2:], "nid"]), files)  # fmt: skip


def _nodes(places: pa.Table, space: str, rows: pa.Table, column: str) -> np.ndarray:
    file_no = rows["file_no"].to_numpy().astype(np.int64)
    return look_up(places, space, file_no, rows[column].to_numpy().astype(np.int64))


def _keys(files: pa.ChunkedArray, numbers: pa.ChunkedArray) -> np.ndarray:
    number = numbers.fill_null(-1).to_numpy().astype(np.int64) & 0xFFFFFFFF
    found: np.ndarray = (files.to_numpy().astype(np.int64) << 32) | number
    return found


def _definitions(
    ast_defs: pa.Table, files: pa.ChunkedArray, node: pa.ChunkedArray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the kind of the definition each node is, or "", and the scope it opens, or -1."""
    keys = _keys(ast_defs["file_no"], ast_defs["node"])
    order = np.argsort(keys)
    wanted = _keys(files, node)
    at = np.minimum(np.searchsorted(keys[order], wanted), max(0, len(keys) - 1))
    if not len(keys):
        return np.full(len(wanted), ""), np.full(len(wanted), -1)
    hit = keys[order][at] == wanted
    in_class = (ast_defs["parent_kind"].fill_null("").to_numpy() == "class")[order]
    kind = ast_defs["kind"].to_numpy()[order]
    kind = np.where((kind == "function") & in_class, "method", kind)
    scope = ast_defs["scope"].to_numpy()[order]
    return np.where(hit, kind[at], ""), np.where(hit, scope[at], -1)


def _among(rows: pa.Table, files: pa.ChunkedArray, node: pa.ChunkedArray) -> np.ndarray:
    return np.isin(_keys(files, node), _keys(rows["file_no"], rows["node"]))


def _first(key: np.ndarray, rows: pa.Table, values: np.ndarray) -> np.ndarray:
    """Return the value of the row that starts at each key, or -1."""
    starts = _keys(rows["file_no"], rows["bstart"])
    order = np.argsort(starts, kind="stable")
    if not len(starts):
        return np.full(len(key), -1, np.int64)
    at = np.minimum(np.searchsorted(starts[order], key), len(starts) - 1)
    return np.where(starts[order][at] == key, values[order][at], -1)


def _stored(table: Table, rows: pa.Table, files: pa.Table) -> pa.Table:
    repo = ids.constant(files["repo"][0].as_py() if len(files) else "", len(rows))
    rows = rows.append_column("repo", repo.cast(pa.string()))
    return rows.select([c.name for c in table.columns]).cast(table.arrow())
