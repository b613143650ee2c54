"""Syntax: what each node of the tree is in the graph, and what it is called there."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg import ids
from codeanatomy.cpg.nodes import NODES
from codeanatomy.kernel.errors import CompileError

_KIND = {syntax: kind.name for kind in NODES for syntax in kind.syntax}
_TYPE_PARAMETERS = ("TypeVar", "ParamSpec", "TypeVarTuple")
_QUALIFIED = ("alias", "arg", "TypeAlias", *_TYPE_PARAMETERS)


def syntax(
    ast_nodes: pa.Table,
    ast_defs: pa.Table,
    ast_docstrings: pa.Table,
    ast_calls: pa.Table,
    ast_scopes: pa.Table,
) -> pa.Table:
    """Return the tree's nodes with kind, name and the dotted name below the module.

    Nodes are dense within their file, so that tables about some of them are laid over all by
    position; cost is linear. Raises `CompileError` for a class of node that no kind declares.
    """
    place = _Places(ast_nodes)
    defs, docstrings = place.of(ast_defs), place.of(ast_docstrings)
    kind = _kinds(ast_nodes)
    in_class = np.array(ast_defs["parent_kind"].to_pylist()) == "class"
    function = np.array(ast_defs["kind"].to_pylist()) == "function"
    kind[defs[in_class & function]] = ids.KIND_CODE["method"]
    kind[docstrings] = ids.KIND_CODE["docstring"]
    name = _over(
        ast_nodes["name"], (place.of(ast_calls), ast_calls["name"]), (defs, ast_defs["name"])
    )
    module = pa.nulls(len(ast_nodes), pa.string())
    within, dotted = _within(place, ast_nodes, ast_defs, ast_scopes)
    qualname = _over(module, (within, dotted), (defs, ast_defs["qualname"]))
    columns = {
        "file_no": ast_nodes["file_no"], "node": ast_nodes["node"], "syntax": ast_nodes["kind"],
        "index": ast_nodes["index"], "bstart": ast_nodes["bstart"], "bend": ast_nodes["bend"],
        "kind": ids.coded(kind, ids.KINDS).cast(pa.string()), "name": name, "qualname": qualname,
    }  # fmt: skip
    return pa.table(columns)


class _Places:
    """Where the nodes of each file start among all rows."""

    def __init__(self, ast_nodes: pa.Table) -> None:
        self._files, self._starts = np.unique(ast_nodes["file_no"].to_numpy(), return_index=True)

    def of(self, rows: pa.Table) -> np.ndarray:
        """Return the place of each row's node."""
        if not len(self._files):
            return np.zeros(0, np.int64)
        at = np.searchsorted(self._files, rows["file_no"].to_numpy())
        found: np.ndarray = self._starts[at] + rows["node"].to_numpy()
        return found


def _kinds(ast_nodes: pa.Table) -> np.ndarray:
    encoded = pc.dictionary_encode(ast_nodes["kind"].combine_chunks())
    values = encoded.dictionary.to_pylist()
    unknown = sorted(set(values) - _KIND.keys())
    if unknown:
        raise CompileError(
            f"no node kind for syntax {unknown}; nodes.py declares none", names=unknown
        )
    codes = np.array([ids.KIND_CODE[_KIND[value]] for value in values] or [0], np.int64)
    found: np.ndarray = codes[encoded.indices.to_numpy()]
    return found


def _over(column: pa.Array, *layers: tuple[np.ndarray, pa.ChunkedArray]) -> pa.Array:
    """Lay values over a column at the given places; the last layer that has a value wins."""
    parts = [_one(column)]
    index = np.arange(len(column))
    size = len(column)
    for places, values in layers:
        valid = values.is_valid().to_numpy(zero_copy_only=False)
        index[places[valid]] = size + np.flatnonzero(valid)
        parts.append(_one(values))
        size += len(values)
    return pa.concat_arrays(parts).take(pa.array(index))


def _one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _within(
    place: _Places, ast_nodes: pa.Table, ast_defs: pa.Table, ast_scopes: pa.Table
) -> tuple[np.ndarray, pa.ChunkedArray]:
    """Return the places of nodes named within a definition, and their dotted names.

    A type parameter is named within what it is a parameter of, as other parameters are.
    """
    chosen = pc.is_in(ast_nodes["kind"], pa.array(_QUALIFIED)).to_numpy()
    rows = ast_nodes.filter(pa.array(chosen))
    owner = _looked_up(ast_scopes, "scope", rows, ast_scopes["owner"].to_numpy())
    keys = pa.table({"file_no": rows["file_no"], "node": pa.array(owner)})
    at = _looked_up(ast_defs, "node", keys, np.arange(len(ast_defs)), "node")
    above = ast_defs["qualname"].take(pa.array(at))
    own = pc.coalesce(rows["value"], rows["name"])
    parents = pa.table({"file_no": rows["file_no"], "node": rows["parent"]})
    generic = ast_nodes["name"].take(pa.array(place.of(parents)))
    typed = pc.is_in(rows["kind"], pa.array(_TYPE_PARAMETERS))
    own = pc.if_else(typed, pc.binary_join_element_wise(generic, own, "."), own)
    dotted = pc.if_else(pc.equal(above, ""), own, pc.binary_join_element_wise(above, own, "."))
    return np.flatnonzero(chosen), dotted


def _looked_up(
    table: pa.Table, key: str, rows: pa.Table, values: np.ndarray, wanted: str = "scope"
) -> np.ndarray:
    """Return the value of the table's row with each row's file and number; all of them exist."""
    known = (table["file_no"].to_numpy().astype(np.int64) << 32) | table[key].to_numpy()
    order = np.argsort(known, kind="stable")
    sought = (rows["file_no"].to_numpy().astype(np.int64) << 32) | rows[wanted].to_numpy()
    found: np.ndarray = values[order][np.searchsorted(known[order], sought)]
    return found
