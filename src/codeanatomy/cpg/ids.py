"""Names of nodes: dense numbers to join on, 128-bit hashes for people and other systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from codeanatomy.cpg.nodes import LAYERS, NODES
from codeanatomy.engine.mix import GOLDEN, absorb, packed, pair, text_word
from codeanatomy.kernel.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Words = NDArray[np.uint64]

LAYER_BITS = 28
MOST = 1 << LAYER_BITS  # nodes of one layer in one file
RANGES = 1 << (32 - LAYER_BITS)  # of numbers in one file, one of them for each layer
LINKED = RANGES - 1  # the range of what linking finds of a file
KINDS = tuple(kind.name for kind in NODES)
KIND_CODE = {name: code for code, name in enumerate(KINDS)}
KIND_LAYER = np.array([LAYERS.index(kind.layer) for kind in NODES], np.int64)
KIND_BY_NAME = np.array([kind.identity == "name" for kind in NODES])
_KIND_WORD = np.array([text_word(name) for name in KINDS], np.uint64)


def number(file_no: Numbers, layer: Numbers, place: Numbers) -> Numbers:
    """Return `nid`s: the file, then the layer's reserved range, then the place in it."""
    if len(place) and int(place.max()) >= MOST:
        msg = f"a file has {int(place.max())} nodes in one layer; {MOST} is the most"
        raise UnsupportedError(msg, most=MOST)
    return (file_no << 32) | (layer << LAYER_BITS) | place


def among(known: Numbers, numbers: Numbers) -> NDArray[np.bool_]:
    """Say of each number whether the ascending `known` holds it."""
    if not len(known):
        return np.zeros(len(numbers), bool)
    at = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
    found: NDArray[np.bool_] = known[at] == numbers
    return found


def text_words(texts: pa.Array | pa.ChunkedArray) -> Words:
    """Return 64 bits of hash for each text; nulls are 0. Each distinct text is hashed once."""
    encoded = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    encoded = encoded.dictionary_encode()
    words = np.array([text_word(t) for t in encoded.dictionary.to_pylist()] or [0], np.uint64)
    codes = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
    found: Words = words[codes]
    found[encoded.indices.is_null().to_numpy(zero_copy_only=False)] = 0
    return found


def hashed(
    repo: Words, path: Words, kind: Numbers, qualified: Words, start: Numbers, end: Numbers
) -> pa.Array:
    """Return `node_id`s in the given order, which is that of the file: it breaks ties.

    Of (repo, path, kind, qualified name or span, n): n counts equals, as overloads are.
    """
    named = KIND_BY_NAME[kind] & (qualified != 0)
    span = (start.astype(np.uint64) << np.uint64(32)) | end.astype(np.uint64)
    identity = np.where(named, qualified, span)
    columns = [repo, path, _KIND_WORD[kind], identity, named.astype(np.uint64)]
    high, low = pair(columns, len(kind))
    count = _equals_before(high, low)
    high, low = absorb(high, count), absorb(low, count + GOLDEN)
    data = packed(high, low)
    offsets = np.arange(0, 16 * (len(kind) + 1), 16, dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data.tobytes())]
    return pa.Array.from_buffers(pa.binary(), len(kind), buffers)


def _equals_before(high: Words, low: Words) -> Words:
    """Count, for each row, the equal rows before it."""
    counts = np.zeros(len(high), np.uint64)
    order = np.argsort(high, kind="stable")
    sorted_high, sorted_low = high[order], low[order]
    same = np.zeros(len(high), bool)
    same[1:] = (sorted_high[1:] == sorted_high[:-1]) & (sorted_low[1:] == sorted_low[:-1])
    at = np.flatnonzero(same)
    if len(at):
        starts = np.flatnonzero(~same)
        group = np.searchsorted(starts, at, side="right") - 1
        counts[order[at]] = (at - starts[group]).astype(np.uint64)
    return counts


def constant(value: str, length: int) -> pa.DictionaryArray:
    """Return a column that says the same in every row."""
    return coded(np.zeros(length, np.int32), [value])


def coded(codes: NDArray[np.integer], values: Sequence[str | None]) -> pa.DictionaryArray:
    """Return a column of texts given by their place in `values`; a negative place is null."""
    codes = codes.astype(np.int32, copy=False)
    mask = codes < 0
    indices = pa.array(codes, mask=mask if mask.any() else None)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(values), pa.string()))
