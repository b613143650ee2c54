"""Facts: columns of evidence that are properties of nodes, as one row a fact."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from codeanatomy.cpg import ids
from codeanatomy.cpg.nodes import PROPS_TABLE
from codeanatomy.cpg.normalize.identity import look_up


def props(places: pa.Table, files: pa.Table, *facts: pa.Table) -> pa.Table:
    """Return the rows of `props`, in order of node and key."""
    parts = [_props(places, rows) for rows in facts if rows.num_rows]
    if not parts:
        return PROPS_TABLE.arrow().empty_table()
    nid = np.concatenate([part[0] for part in parts])
    joined = pa.concat_tables([part[1] for part in parts], promote_options="permissive")
    key = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    order = np.lexsort((key, nid))
    joined = joined.take(pa.array(order))
    length = len(order)
    return pa.table(
        {
            "nid": pa.array(nid[order]), "key": joined["key"], "type": joined["type"],
            "value": joined["value"],
            "repo": ids.constant(files["repo"][0].as_py(), length).cast(pa.string()),
            "reach": ids.constant("file", length).cast(pa.string()),
        }
    )  # fmt: skip


def _props(places: pa.Table, rows: pa.Table) -> tuple[np.ndarray, pa.Table]:
    file_no = rows["file_no"].to_numpy().astype(np.int64)
    local = rows["local"].to_numpy().astype(np.int64)
    nid = look_up(places, rows["space"][0].as_py(), file_no, local)
    return nid, rows.select(["key", "type", "value"])
