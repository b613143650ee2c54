"""Identity: entity rows of a few files become nodes, and every number finds its node.

The only function that numbers nodes; edges look their ends up in what it returns, so that nodes
and edges cannot disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg import ids
from codeanatomy.cpg.nodes import LAYERS, NODES_TABLE
from codeanatomy.cpg.views import SPACES
from codeanatomy.engine.mix import text_word
from codeanatomy.kernel.errors import CompileError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

_SPACE_CODE = {name: code for code, name in enumerate(SPACES)}


def identify(
    files: pa.Table, modules: pa.Table, file_lines: pa.Table, *entities: pa.Table
) -> pa.Table:
    """Return the nodes of `entities`, in order of `nid`, with the (space, local) each came from."""
    rows = pa.concat_tables([_file_nodes(files), *entities], promote_options="permissive")
    keys, order = _in_node_order(rows)
    nid = ids.number(keys.file_no, keys.layer, _places(keys.file_no, keys.layer))
    name, qualname, syntax, sources = (
        rows[c].take(order) for c in ("name", "qualname", "syntax", "sources")
    )
    at = _rows_of(files["file_no"], keys.file_no)
    qualified = _qualified(qualname, modules, keys.file_no)
    line, column = line_column(file_lines, keys.file_no, keys.start)
    repo = files["repo"][0].as_py() if len(files) else ""
    paths = files["path"].to_pylist()
    length = len(nid)
    columns = {
        "node_id": _node_ids(repo, paths, at, keys, qualified), "nid": nid,
        "kind": ids.coded(keys.kind, ids.KINDS), "name": _named(name, qualified, keys.kind),
        "qualified_name": qualified, "path": ids.coded(at, paths),
        "bstart": keys.start.astype(np.int32), "bend": keys.end.astype(np.int32), "line": line,
        "column": column, "syntax": syntax, "layer": ids.coded(keys.layer, LAYERS),
        "sources": sources, "file_no": keys.file_no.astype(np.int32),
        "repo": ids.constant(repo, length), "reach": ids.constant("file", length),
        "space": ids.coded(keys.space, SPACES), "local": keys.local.astype(np.int32),
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
    space = _codes(identified["space"], _SPACE_CODE)
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
        first = f"file {wrong[0] >> 32}, number {wrong[0] & 0xFFFFFFFF} is the first"
        msg = f"{len(wrong)} ends have no node in {space!r}: {first}"
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


class _Keys(NamedTuple):
    """What nodes are numbered by, a row each."""

    file_no: Numbers
    layer: Numbers
    kind: Numbers
    start: Numbers
    end: Numbers
    space: Numbers
    local: Numbers


def _in_node_order(rows: pa.Table) -> tuple[_Keys, pa.Array]:
    """Order rows by file, layer, span from the outside in, kind, index in parent, origin."""
    kind = _codes(rows["kind"], ids.KIND_CODE)
    keys = _Keys(
        _int64(rows["file_no"]), ids.KIND_LAYER[kind], kind, _int64(rows["bstart"]),
        _int64(rows["bend"]), _codes(rows["space"], _SPACE_CODE), _int64(rows["local"]),
    )  # fmt: skip
    index = np.minimum(_int64(rows["index"].fill_null(0)), 2**26 - 1)
    first = (keys.file_no << 36) | (keys.layer << 32) | keys.start
    second = ((np.int64(2**31 - 1) - keys.end) << 32) | (kind << 26) | index
    order = np.lexsort(((keys.space << 32) | keys.local, second, first))
    return _Keys(*(column[order] for column in keys)), pa.array(order)


def _node_ids(
    repo: str, paths: list[str], at: Numbers, keys: _Keys, qualified: pa.ChunkedArray
) -> pa.Array:
    path = np.array([text_word(p) for p in paths] or [0], np.uint64)[at]
    repos = np.full(len(at), text_word(repo), np.uint64)
    words = ids.text_words(qualified)
    return ids.hashed(repos, path, keys.kind, words, keys.start, keys.end)


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
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    found = [np.zeros(0, np.int64)]
    for chunk in column.chunks:
        values = chunk.dictionary.to_pylist()
        unknown = [value for value in values if value not in known]
        if unknown:
            raise CompileError(f"no such kind or space: {unknown}", names=unknown)
        table = np.array([known[value] for value in values] or [0], np.int64)
        found.append(table[chunk.indices.to_numpy(zero_copy_only=False)])
    return np.concatenate(found)


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
