"""Identity: entity rows of a few files become nodes, and every number finds its node.

The only function that numbers nodes; edges look their ends up in what it returns, so that nodes
and edges cannot disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg import ids
from codeanatomy.cpg.nodes import LAYERS, NODES_TABLE
from codeanatomy.cpg.views import SPACES
from codeanatomy.engine.functions._mix import text_word
from codeanatomy.kernel.errors import CompileError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]


def identify(
    files: pa.Table, modules: pa.Table, file_lines: pa.Table, *entities: pa.Table
) -> pa.Table:
    """Return the nodes of `entities`, in order of `nid`, with the (space, local) each came from."""
    rows = pa.concat_tables([_file_nodes(files), *entities], promote_options="permissive")
    file_no = _int64(rows["file_no"])
    kind = _codes(rows["kind"], ids.KIND_CODE)
    layer = ids.KIND_LAYER[kind]
    start, end = _int64(rows["bstart"]), _int64(rows["bend"])
    space = _codes(rows["space"], {name: i for i, name in enumerate(SPACES)})
    index = _int64(rows["index"].fill_null(0))
    local = _int64(rows["local"])
    first = (file_no << 36) | (layer << 32) | start
    second = ((np.int64(2**31 - 1) - end) << 32) | (kind << 26) | np.minimum(index, 2**26 - 1)
    order = np.lexsort(((space << 32) | local, second, first))
    file_no, layer, kind = file_no[order], layer[order], kind[order]
    start, end = start[order], end[order]
    nid = ids.number(file_no, layer, _places(file_no, layer))
    rows = rows.take(pa.array(order))
    at = _rows_of(files["file_no"], file_no)
    qualified = _qualified(rows["qualname"], modules, file_no)
    line, column = line_column(file_lines, file_no, start)
    repo = files["repo"][0].as_py() if len(files) else ""
    paths = files["path"].to_pylist()
    path_words = np.array([text_word(p) for p in paths] or [0], np.uint64)
    words = ids.text_words(qualified)
    repo_word = np.full(len(nid), text_word(repo), np.uint64)
    node_id = ids.hashed(repo_word, path_words[at], kind, words, start, end)
    length = len(nid)
    columns = {
        "node_id": node_id, "nid": nid, "kind": ids.coded(kind, ids.KINDS), "name": _named(rows["name"], qualified, kind),
        "qualified_name": qualified, "path": ids.coded(at, paths), "bstart": rows["bstart"],
        "bend": rows["bend"], "line": line, "column": column, "syntax": rows["syntax"],
        "layer": ids.coded(layer, LAYERS), "sources": rows["sources"],
        "file_no": rows["file_no"], "repo": ids.constant(repo, length),
        "reach": ids.constant("file", length),
        "space": rows["space"], "local": rows["local"],
    }  # fmt: skip
    return pa.table(columns)


def nodes(identified: pa.Table) -> pa.Table:
    """Drop what only edges need."""
    return identified.select([column.name for column in NODES_TABLE.columns])


def places(
    identified: pa.Table, ast_names: pa.Table, bound: pa.Table, builtin_places: pa.Table
) -> pa.Table:
    """Return (space, key, nid) in that order: where to look a number up; key is file and number.

    Names that have a syntax node are that node; bindings that mean one definition are it. What
    counts in the whole store, as builtins do, is looked up under file 0.
    """
    space = _codes(identified["space"], {name: i for i, name in enumerate(SPACES)})
    key = (_int64(identified["file_no"]) << 32) | _int64(identified["local"])
    found = _in_order(space, key, _int64(identified["nid"]))
    explicit = ast_names.filter(pc.invert(ast_names["implicit"]))
    meant = bound.filter(pc.is_valid(bound["node"]))
    more = [
        _borrowed(found, "occurrence", explicit, "occurrence"),
        _borrowed(found, "binding", meant, "binding"),
    ]
    parts = [found, *more, builtin_places]
    return _in_order(*(np.concatenate([_int64(t[c]) for t in parts]) for c in found.column_names))


def look_up(places: pa.Table, space: str, file_no: Numbers, local: Numbers) -> Numbers:
    """Return the nodes of numbers in a space; raises `CompileError` for one that has none."""
    spaces = places["space"].to_numpy()
    code = SPACES.index(space)
    low, high = np.searchsorted(spaces, [code, code + 1])
    keys = places["key"].to_numpy()[low:high]
    key = (file_no << 32) | local
    at = np.minimum(np.searchsorted(keys, key), max(0, len(keys) - 1))
    if len(key) and (not len(keys) or not np.array_equal(keys[at], key)):
        wrong = key if not len(keys) else key[keys[at] != key]
        msg = f"{len(wrong)} ends have no node in {space!r}: file {wrong[0] >> 32}, number " \
              f"{wrong[0] & 0xFFFFFFFF} is the first"  # fmt: skip
        raise CompileError(msg, space=space, count=len(wrong))
    found: Numbers = places["nid"].to_numpy()[low:high][at]
    return found


def line_column(
    file_lines: pa.Table, file_no: Numbers, start: Numbers
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the line, from 1, and the byte in it, from 0, of each offset."""
    lines = (_int64(file_lines["file_no"]) << 32) | _int64(file_lines["bstart"])
    key = (file_no << 32) | start
    at = np.searchsorted(lines, key, side="right") - 1
    here = (at >= 0) & (lines[np.maximum(at, 0)] >> 32 == file_no) if len(lines) else at > 0
    number = file_lines["line"].to_numpy()
    line = np.where(here, number[at] if len(lines) else 1, 1).astype(np.int32)
    column = np.where(here, key - lines[at] if len(lines) else start, start).astype(np.int32)
    return line, column


def _file_nodes(files: pa.Table) -> pa.Table:
    """Make a node of every file that was read."""
    files = files.filter(pc.is_null(files["skipped"]))
    length = len(files)
    names = [path.rpartition("/")[2] for path in files["path"].to_pylist()]
    nothing = pa.nulls(length, pa.string())
    zeros = pa.array(np.zeros(length, np.int32))
    return pa.table(
        {
            "file_no": files["file_no"], "space": ids.constant("file", length).cast(pa.string()),
            "local": zeros, "kind": pa.array(["file"] * length, pa.string()),
            "name": pa.array(names, pa.string()),
            "qualname": nothing, "index": zeros, "syntax": nothing, "bstart": zeros,
            "bend": files["size"].cast(pa.int32()),
            "sources": pa.array(["repo"] * length, pa.string()),
        }
    )  # fmt: skip


def _int64(column: pa.ChunkedArray) -> Numbers:
    found: Numbers = column.to_numpy().astype(np.int64)
    return found


def _codes(column: pa.ChunkedArray, known: dict[str, int]) -> Numbers:
    """Turn texts into their numbers; every text must be known."""
    encoded = pc.dictionary_encode(column).unify_dictionaries()
    if not len(encoded):
        return np.zeros(0, np.int64)
    values = encoded.chunk(0).dictionary.to_pylist() if encoded.num_chunks else []
    unknown = [value for value in values if value not in known]
    if unknown:
        raise CompileError(f"no such kind or space: {unknown}", names=unknown)
    table = np.array([known[value] for value in values] or [0], np.int64)
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in encoded.chunks])
    found: Numbers = table[codes]
    return found


def _places(file_no: Numbers, layer: Numbers) -> Numbers:
    """Count rows within each run of equal (file, layer)."""
    count = np.arange(len(file_no), dtype=np.int64)
    new = np.ones(len(file_no), bool)
    new[1:] = (file_no[1:] != file_no[:-1]) | (layer[1:] != layer[:-1])
    starts = np.flatnonzero(new)
    found: Numbers = count - np.repeat(starts, np.diff(np.append(starts, len(count))))
    return found


def _rows_of(numbers: pa.ChunkedArray, wanted: Numbers) -> Numbers:
    """Return the row that holds each wanted number; the column is in ascending order."""
    return np.searchsorted(numbers.to_numpy().astype(np.int64), wanted)


def _qualified(qualname: pa.ChunkedArray, modules: pa.Table, file_no: Numbers) -> pa.ChunkedArray:
    """Put the module's dotted name in front; a module's own is that alone."""
    at = _rows_of(modules["file_no"], file_no)
    prefix = modules["module"].take(pa.array(at))
    dotted = pc.binary_join_element_wise(prefix, qualname, ".")
    return pc.if_else(pc.equal(qualname, ""), prefix, dotted)


def _named(
    name: pa.ChunkedArray, qualified: pa.ChunkedArray, kind: Numbers
) -> pa.ChunkedArray | pa.Array:
    """Call a module by the last part of its dotted name."""
    module = pa.array(kind == ids.KIND_CODE["module"])
    return pc.if_else(module, pc.replace_substring_regex(qualified, r".*\.", ""), name)


def _in_order(space: Numbers, key: Numbers, nid: Numbers) -> pa.Table:
    order = np.lexsort((key, space))
    return pa.table({"space": space[order], "key": key[order], "nid": nid[order]})


def _borrowed(found: pa.Table, space: str, rows: pa.Table, local: str) -> pa.Table:
    """Give numbers of one space the nodes that their rows have in the syntax tree."""
    file_no = _int64(rows["file_no"])
    nid = look_up(found, "node", file_no, _int64(rows["node"]))
    code = np.full(len(rows), SPACES.index(space), np.int64)
    key = (file_no << 32) | _int64(rows[local])
    return pa.table({"space": code, "key": key, "nid": nid})
