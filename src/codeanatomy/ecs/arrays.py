"""The few operations a world needs on a column, whether numpy or Arrow holds it."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Ids: TypeAlias = npt.NDArray[np.int64]
    Numbers: TypeAlias = npt.NDArray[Any]
    Array: TypeAlias = Numbers | pa.Array  # numpy where the width is fixed, Arrow elsewhere

_FREE = 2  # what getrefcount says of a buffer that only its pool holds


def frozen(array: Array) -> Array:
    """Give the same array, flagged read-only when it is numpy (Arrow always is)."""
    if isinstance(array, np.ndarray):
        array.flags.writeable = False
    return array


def arrow(numbers: Numbers, type_: pa.DataType | None = None) -> pa.Array:
    """Give numbers as Arrow over the same memory where the layouts agree.

    Buffers are handed over as they are: `pa.array` would look whether they came from pandas,
    which loads pandas where it is installed.
    """
    wanted = pa.from_numpy_dtype(numbers.dtype) if type_ is None else type_
    plain = numbers.dtype.kind in "iufmM" and numbers.dtype.isnative
    if plain and numbers.flags.c_contiguous and numbers.itemsize * 8 == wanted.bit_width:
        whole = numbers.view(np.int64) if numbers.dtype.kind in "mM" else numbers
        return pa.Array.from_buffers(wanted, len(numbers), [None, pa.py_buffer(whole)])
    return pa.array(numbers, type=wanted)


def take(array: Array, positions: Ids) -> Array:
    """Give the rows at `positions`, in that order, as a new read-only array."""
    if isinstance(array, np.ndarray):
        return frozen(array[positions])
    return array.take(arrow(positions))


def keep(array: Array, mask: npt.NDArray[np.bool_]) -> Array:
    """Give the rows where `mask` is true, as a new read-only array."""
    if isinstance(array, np.ndarray):
        return frozen(array[mask])
    return array.filter(pa.array(mask))


def concat(arrays: Sequence[Array]) -> Array:
    """Give all rows one after the other; one array is given back as it is."""
    if len(arrays) == 1:
        return arrays[0]
    if isinstance(arrays[0], np.ndarray):
        return frozen(np.concatenate(arrays))
    return pa.concat_arrays(arrays)


def scattered(array: Array, positions: Ids, values: Array) -> Array:
    """Give a copy of `array` whose rows at `positions` (no double ones) are `values`."""
    if isinstance(array, np.ndarray):
        changed = array.copy()
        changed[positions] = values
        return frozen(changed)
    rows = np.arange(len(array), dtype=np.int64)
    rows[positions] = np.arange(len(array), len(array) + len(positions))
    return pa.concat_arrays([array, values]).take(arrow(rows))


def same(left: Array, right: Array) -> bool:
    """Say whether two arrays hold the same values; NaN equals NaN."""
    if left is right:
        return True
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return left.dtype == right.dtype and np.array_equal(
            left, right, equal_nan=left.dtype.kind == "f"
        )
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        return False
    return bool(left.equals(right))


class Pool:
    """Buffers that are used again once nothing else refers to them.

    A buffer is free when the pool holds its only reference: views, columns, Arrow arrays over
    it and readers all hold one, so a buffer somebody can still see is never written. Sizes are
    rounded up by an eighth at most, so that a population that grows and shrinks finds its
    buffers again; of more than `sizes` sizes the one used longest ago is given up.
    """

    def __init__(self, most: int = 8, sizes: int = 16) -> None:
        self._most = most
        self._sizes = sizes
        self._shelves: dict[tuple[np.dtype[Any], int], list[Numbers]] = {}

    def borrow(self, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Numbers:
        """Give a writable array of unset values; it goes back by being forgotten."""
        count = math.prod(shape)
        key = (dtype, _rounded(count))
        shelf = self._shelves[key] = self._shelves.pop(key, [])  # the latest stands last
        if len(self._shelves) > self._sizes:
            del self._shelves[next(iter(self._shelves))]
        for at in range(len(shelf)):
            if sys.getrefcount(shelf[at]) == _FREE:
                return shelf[at][:count].reshape(shape)
        fresh = np.empty(key[1], dtype)
        if len(shelf) < self._most:
            shelf.append(fresh)
        return fresh[:count].reshape(shape)

    def owns(self, array: Numbers) -> bool:
        """Say whether this is a borrowed array: a whole view of one of the buffers."""
        shelf = self._shelves.get((array.dtype, _rounded(array.size)), ())
        return array.flags.c_contiguous and any(array.base is buffer for buffer in shelf)


def _rounded(count: int) -> int:
    step = max(64, 1 << max(count.bit_length() - 4, 0))
    return -(-count // step) * step
