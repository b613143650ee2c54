"""The function `nid_file`: the number of the file that a node belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc

from codeanatomy.engine.functions._function import Function

if TYPE_CHECKING:
    import pyarrow as pa

FUNCTION = Function(
    "nid_file",
    arguments=(("nid", "int64"),),
    returns="int64",
    meaning="The file_no of a node's nid: its upper 32 bits; 0 for nodes without a file.",
)


def call(nid: pa.Array) -> pa.Array:
    """Keep the upper 32 bits."""
    return pc.shift_right(nid, 32)
