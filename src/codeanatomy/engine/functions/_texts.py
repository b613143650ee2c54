"""Arrow strings of one length, straight from their ASCII codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray


def texts(codes: NDArray[np.uint8], missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Make one string of each row of codes; null where `missing`."""
    rows, width = codes.shape
    offsets = np.arange(rows + 1, dtype=np.int64) * width
    data = pa.py_buffer(np.ascontiguousarray(codes))
    valid = None if missing is None else pa.array(~missing).buffers()[1]
    buffers = [valid, pa.py_buffer(offsets), data]
    return pa.LargeStringArray.from_buffers(rows, *buffers[1:], buffers[0]).cast(pa.string())
