"""The function `nid_ordinal`: the place of a node among the nodes of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc

from codeanatomy.engine.functions._function import Function

if TYPE_CHECKING:
    import pyarrow as pa

FUNCTION = Function(
    "nid_ordinal",
    arguments=(("nid", "int64"),),
    returns="int64",
    meaning="The ordinal of a node's nid in its file: its lower 32 bits.",
)


def call(nid: pa.Array) -> pa.Array:
    """Keep the lower 32 bits."""
    return pc.bit_wise_and(nid, 0xFFFFFFFF)
