"""The function `hex_id`: an id of 16 bytes as people write it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.engine.functions._function import Function
from codeanatomy.engine.functions._texts import texts
from codeanatomy.engine.mix import hex_digits

FUNCTION = Function(
    "hex_id",
    arguments=(("id", "binary"),),
    returns="string",
    meaning="The 32 hex digits of an id of 16 bytes; null for null or another length.",
)


def call(ids: pa.Array) -> pa.Array:
    """Write every id of 16 bytes as 32 hex digits."""
    plain = ids.cast(pa.binary())
    whole = pc.fill_null(pc.equal(pc.binary_length(plain), 16), fill_value=False)
    filled = pc.if_else(whole, plain, pa.scalar(bytes(16), pa.binary()))
    data = pc.cast(filled, pa.binary(16)).buffers()[1]
    rows = np.frombuffer(data, dtype=np.uint8, count=16 * len(ids)).reshape(len(ids), 16)
    return texts(hex_digits(rows), ~whole.to_numpy(zero_copy_only=False))
